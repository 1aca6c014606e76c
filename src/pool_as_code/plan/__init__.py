"""Plans: matching desired with live objects, the one differ, findings, and the plan as a frozen value with a codec."""
