"""Those who are measured: the product, octoDNS, Terraform and the floor. One module each: its input, its commands, and what its
output must say for a run to count."""
