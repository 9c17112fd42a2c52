"""The citizen's and the public's shell: front page, language, accessibility."""
