"""FashionVLM over HTTP, as the OpenAI API speaks; the front door of machines that hold the model."""
