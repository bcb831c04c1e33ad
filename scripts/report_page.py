"""Turn a text of a study into a page of the report: one HTML file without any other."""

from pathlib import Path

from markdown_it import MarkdownIt

from facebench.logs import log_to
from facebench.store.atomic import replacing

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #1b2129; background: #fff; margin: 2rem auto;
       max-width: 70rem; padding: 0 1rem; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
th, td {{ border-bottom: 1px solid #ccd3db; padding: .3rem .7rem; text-align: left;
         white-space: nowrap; }}
code {{ background: #f1f4f8; padding: 0 .2rem; }}
</style></head>
<body>
{body}</body></html>
"""


def main(*, text: str | Path, title: str, output: str | Path) -> None:
    """Write a Markdown file as HTML. Names and reasons in it can't bring tags of their own."""
    # Without `html`, what looks like a tag is text.
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    body = reader.render(Path(text).read_text(encoding="utf-8"))
    with replacing(output) as part:
        part.write_text(PAGE.format(title=title, body=body), encoding="utf-8")


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(text=snakemake.input[0], title=snakemake.params.title, output=snakemake.output[0])
