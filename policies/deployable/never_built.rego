# At rest the repository names own images by a digest of zeros: nothing has been built yet. That is right in git and
# wrong in a cluster, so this rule stands apart: it judges what is about to run, not what lies here.
#
#     kustomize build OVERLAY | conftest test --policy policies/deployable --namespace homeostat.deployable -
package homeostat.deployable

# Anything may hold an image: pods, their templates, InferenceServices.
deny contains {"object": name, "field": field, "msg": message} if {
	name := sprintf("%s %s", [input.kind, input.metadata.name])
	[path, image] := walk(input)
	path[count(path) - 1] == "image"
	is_string(image)
	endswith(image, "@sha256:0000000000000000000000000000000000000000000000000000000000000000")
	field := concat(".", [sprintf("%v", [step]) | some step in path])
	message := sprintf("%s: %s is '%s', which was never built: build it and write its digest first.", [name, field, image])
}
