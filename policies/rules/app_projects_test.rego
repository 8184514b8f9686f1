package homeostat.rules.app_projects_test

import data.homeostat.rules.app_projects as rule
import data.homeostat.testing

of(resource) := {found.field | some found in rule.violations with input as testing.environment([resource])}

application(spec) := testing.made("Application", "mlflow", {"spec": spec})

application_set(spec) := testing.made("ApplicationSet", "platform", {"spec": {"template": {"spec": spec}}})

test_allows_a_project_of_its_own if {
	count(of(application({"project": "platform"}))) == 0
	count(of(application_set({"project": "platform"}))) == 0
	count(of(testing.made("AppProject", "platform", {}))) == 0
}

test_denies_the_default_project if {
	of(application({"project": "default"})) == {"spec.project"}
	of(application_set({"project": "default"})) == {"spec.template.spec.project"}
}

test_allows_a_default_project_that_may_do_nothing if {
	count(of(testing.made("AppProject", "default", {"spec": {"sourceRepos": [], "destinations": []}}))) == 0
}

test_denies_a_default_project_that_may_do_something if {
	every list in {"sourceRepos", "destinations", "clusterResourceWhitelist", "namespaceResourceWhitelist"} {
		of(testing.made("AppProject", "default", {"spec": {list: ["*"]}})) == {sprintf("spec.%s", [list])}
	}
}

test_denies_no_project if {
	of(application({})) == {"spec.project"}
	of(application_set({})) == {"spec.template.spec.project"}
}
