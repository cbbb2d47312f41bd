"""The page: a chat with photos, cards and pictures, drawn by us inside Gradio."""
