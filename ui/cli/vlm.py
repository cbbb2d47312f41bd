"""``fashionm3 vlm``: what operators do with FashionVLM itself."""

from __future__ import annotations

import typer

from ui.cli import vlm_import, vlm_serve, vlm_verify

app = typer.Typer(help="Check, import and serve FashionVLM.", no_args_is_help=True)


@app.callback()
def vlm() -> None:
    """Check, import and serve FashionVLM."""


# A further command is a module `ui/cli/vlm_<name>.py` and a line here.
app.command("serve")(vlm_serve.serve)
app.command("verify")(vlm_verify.verify)
app.command("import")(vlm_import.import_)
