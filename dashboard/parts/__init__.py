"""Parts of the long pages: Recognition, Poisoning and Search."""
