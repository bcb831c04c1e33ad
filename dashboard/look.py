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
/* Pictures in rows (`elements.picture_grid`): on a phone two beside each other. */
[class*="st-key-pictures-"] {
  display: grid; gap: 1rem; align-items: start;
  grid-template-columns: repeat(var(--columns), minmax(0, 1fr));
}
[class*="st-key-pictures-2-"] { --columns: 2; }
[class*="st-key-pictures-3-"] { --columns: 3; }
[class*="st-key-pictures-6-"] { --columns: 6; }
[class*="st-key-pictures-"] > * { width: auto !important; min-width: 0; }
@media (max-width: 640px) {
  [class*="st-key-pictures-"] { --columns: 2; }
  /* Tables of an answer in words: no wider than a phone. */
  [data-testid="stMarkdownContainer"] table { font-size: 0.85em; }
  [data-testid="stMarkdownContainer"] :is(th, td) {
    padding: 0.2rem 0.3rem; overflow-wrap: anywhere;
  }
}
</style>"""
