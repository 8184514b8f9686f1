# The verdict: what the rules found, less what policies/exceptions.yaml argues for. 'conftest test --namespace
# homeostat' fails on each entry of 'deny'.
package homeostat

deny contains object.union(violation, {"rule": rule}) if {
	some rule
	some violation in data.homeostat.rules[rule].violations
	not excused(rule, violation)
}

excused(rule, violation) if {
	some exception in data.exceptions
	excuses(exception, rule, violation)
}

excuses(exception, rule, violation) if {
	input.environment in exception.environments
	exception.rule == rule
	names(exception, violation)
	covers(exception, violation.field)
}

# An exception is for an object, or for all that a folder and what lies below it render.
names(exception, violation) if exception.object == violation.object

names(exception, violation) if exception.source == violation.source

names(exception, violation) if startswith(violation.source, sprintf("%s/", [exception.source]))

# Without a field it is for all of them.
covers(exception, field) if exception.field == field

covers(exception, _) if not exception.field

# An exception that excuses nothing is a mistake: its object is gone, or was put right.
deny contains {
	"rule": "exceptions",
	"source": "policies/exceptions.yaml",
	"object": subject(exception),
	"field": object.get(exception, "field", ""),
	"msg": sprintf("policies/exceptions.yaml: nothing in '%s' needs the exception from '%s' for %s%s: delete it.", [
		input.environment,
		exception.rule,
		subject(exception),
		suffix(exception),
	]),
} if {
	some exception in data.exceptions
	input.environment in exception.environments
	not needed(exception)
}

needed(exception) if {
	some violation in data.homeostat.rules[exception.rule].violations
	excuses(exception, exception.rule, violation)
}

subject(exception) := object.get(exception, "object", object.get(exception, "source", "nothing"))

suffix(exception) := sprintf(" at '%s'", [exception.field]) if exception.field

suffix(exception) := "" if not exception.field

# Only an argued exception is one.
deny contains {
	"rule": "exceptions",
	"source": "policies/exceptions.yaml",
	"object": subject(exception),
	"field": "reason",
	"msg": sprintf("policies/exceptions.yaml: entry %d: the reason '%s' should be a sentence of its own that ends in a full stop.", [
		number + 1,
		reason,
	]),
} if {
	some number, exception in data.exceptions
	reason := object.get(exception, "reason", "")
	not regex.match(`(?s)^.{20,}\.\s*$`, reason)
}
