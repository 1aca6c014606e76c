"""Use-cases: validate, plan, apply, drift, pull, load and the questions around them. The only room that knows manifests,
plan and stores together."""
