"""The fashion domain: vocabulary, colors, outfit rules, drawn garments. Imports nothing of ours."""
