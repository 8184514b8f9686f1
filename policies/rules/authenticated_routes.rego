# Nothing is reachable from outside without saying who asks: each route goes through a middleware that
# authenticates, and that middleware lies in these manifests.
package homeostat.rules.authenticated_routes

import data.homeostat.lib.kubernetes

annotation := "traefik.ingress.kubernetes.io/router.middlewares"

# What a middleware's spec holds when it asks for credentials.
authenticating := {"basicAuth", "digestAuth", "forwardAuth"}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	document.object.kind == "IngressRoute"
	some number, route in document.object.spec.routes
	named := {key |
		some reference in object.get(route, "middlewares", [])
		key := key_of(reference, document.object)
	}
	count(named & authenticators) == 0
	field := sprintf("spec.routes[%d].middlewares", [number])
	message := advice(field, named)
}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	document.object.kind == "Ingress"
	value := object.get(kubernetes.metadata(document.object, "annotations"), annotation, "")
	named := {trim_suffix(trim_space(name), "@kubernetescrd") | some name in split(value, ",")}
	count(named & {replace(key, "/", "-") | some key in authenticators}) == 0
	field := sprintf("metadata.annotations[%s]", [annotation])
	message := advice(field, named)
}

# Routes that know no HTTP can't be asked for credentials, and kinds that no rule knows can't be judged.
violations contains kubernetes.finding(document, "kind", message) if {
	some document in kubernetes.documents
	document.object.kind in {"IngressRouteTCP", "IngressRouteUDP", "HTTPRoute", "TCPRoute", "TLSRoute", "GRPCRoute", "Gateway"}
	message := sprintf("kind is '%s', whose authentication can't be judged: use an IngressRoute with an authenticating middleware.", [document.object.kind])
}

advice(field, named) := sprintf("%s is '%s', and none of them authenticates: add a Middleware with basicAuth, digestAuth or forwardAuth.", [
	field,
	concat(", ", sort(named)),
])

authenticators contains key if {
	some middleware in kubernetes.of_kind("Middleware")
	key := sprintf("%s/%s", [kubernetes.namespace_of(middleware), middleware.metadata.name])
	authenticates(middleware)
}

authenticates(middleware) if {
	some kind in authenticating
	middleware.spec[kind]
}

# A chain does if a link does; chains of chains are not followed.
authenticates(middleware) if {
	some reference in middleware.spec.chain.middlewares
	some link in kubernetes.of_kind("Middleware")
	link.metadata.name == reference.name
	kubernetes.namespace_of(link) == object.get(reference, "namespace", kubernetes.namespace_of(middleware))
	some kind in authenticating
	link.spec[kind]
}

key_of(reference, route) := sprintf("%s/%s", [namespace, reference.name]) if {
	namespace := object.get(reference, "namespace", kubernetes.namespace_of(route))
}
