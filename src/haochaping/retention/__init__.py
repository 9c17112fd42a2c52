"""Terms of retention 留存期限: how long what is not to be kept for ever is, as two people say."""
