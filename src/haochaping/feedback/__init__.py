"""What citizens are told of the handling of a rating, and what they say of it 群众评判、追问."""
