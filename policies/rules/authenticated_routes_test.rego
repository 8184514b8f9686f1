package homeostat.rules.authenticated_routes_test

import data.homeostat.rules.authenticated_routes as rule
import data.homeostat.testing

of(objects) := {found.field | some found in rule.violations with input as testing.environment(objects)}

middleware(name, spec) := testing.made("Middleware", name, {"spec": spec})

login := middleware("login", {"basicAuth": {"secret": "ui-users"}})

headers := middleware("headers", {"headers": {}})

route(middlewares) := testing.made("IngressRoute", "ui", {"spec": {"routes": [{"middlewares": middlewares}]}})

ingress(value) := testing.made("Ingress", "ui", {"metadata": {"annotations": {rule.annotation: value}}})

test_allows_a_route_behind_a_login if {
	count(of([login, route([{"name": "login"}])])) == 0
	count(of([login, route([{"name": "login", "namespace": "mlops"}])])) == 0
	count(of([login, headers, route([{"name": "headers"}, {"name": "login"}])])) == 0
}

test_allows_every_way_to_authenticate if {
	every kind in rule.authenticating {
		count(of([middleware("login", {kind: {"address": "x"}}), route([{"name": "login"}])])) == 0
	}
}

test_allows_a_chain_with_a_login if {
	chain := middleware("all", {"chain": {"middlewares": [{"name": "headers"}, {"name": "login"}]}})
	count(of([login, headers, chain, route([{"name": "all"}])])) == 0
}

test_allows_an_ingress_behind_a_login if count(of([login, ingress("mlops-headers@kubernetescrd, mlops-login@kubernetescrd")])) == 0

test_denies_a_bare_route if of([login, route([])]) == {"spec.routes[0].middlewares"}

test_denies_a_route_that_only_changes_headers if of([headers, route([{"name": "headers"}])]) == {"spec.routes[0].middlewares"}

test_denies_a_login_that_is_not_there if of([route([{"name": "login"}])]) == {"spec.routes[0].middlewares"}

test_denies_a_login_of_another_namespace if {
	of([login, route([{"name": "login", "namespace": "models"}])]) == {"spec.routes[0].middlewares"}
}

test_denies_a_chain_without_a_login if {
	chain := middleware("all", {"chain": {"middlewares": [{"name": "headers"}]}})
	of([login, headers, chain, route([{"name": "all"}])]) == {"spec.routes[0].middlewares"}
}

test_denies_a_bare_ingress if {
	field := sprintf("metadata.annotations[%s]", [rule.annotation])
	of([login, testing.made("Ingress", "ui", {})]) == {field}
	of([headers, ingress("mlops-headers@kubernetescrd")]) == {field}
}

test_denies_routes_that_cannot_be_judged if of([testing.made("IngressRouteTCP", "db", {})]) == {"kind"}
