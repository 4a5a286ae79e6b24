"""One outcome of a trial as arrays, and the models of its cell means; batched over responses."""
