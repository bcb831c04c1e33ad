"""What Streamlit's theme can't say: contrasts, and pictures side by side on a phone."""

STYLE = """<style>
/* Streamlit fades captions below the contrast that small text needs. */
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p,
[data-testid="stImageCaption"], [data-testid="stImageCaption"] p {
  color: light-dark(#565c65, #b6bdc6); opacity: 1;
}
/* Chosen options are chips in the primary colour, which is light on a dark page. */
[data-testid="stMultiSelectTagsContainer"] [data-tag],
[data-testid="stMultiSelectTagsContainer"] [data-tag] * { color: light-dark(#ffffff, #14181d); }
/* Code, on the grey of its box. */
[data-testid="stMarkdownContainer"] code { color: light-dark(#1b5e3f, #8fd6b4); }
[data-testid="stCode"] code span { color: inherit !important; }
/* A row of pictures: two beside each other on a phone, instead of one. */
@media (max-width: 640px) {
  [data-testid="stHorizontalBlock"]:has([data-testid="stImage"]):not(
    :has([data-testid="stHorizontalBlock"])) > [data-testid="stColumn"] {
    min-width: calc(50% - 1rem); flex: 1 1 calc(50% - 1rem);
  }
}
</style>"""
