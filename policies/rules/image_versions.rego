# An image is the one that was tried: ours by the digest that the pipeline wrote, anyone else's by an exact version.
# A tag such as 'latest', '7' or '7.4' is another image tomorrow.
package homeostat.rules.image_versions

import data.homeostat.lib.kubernetes

# Upstreams whose releases have two numbers.
two_numbers := {"postgres"}

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	some entry in kubernetes.containers(pod)
	field := sprintf("%s.image", [entry.field])
	image := object.get(entry.container, "image", "")
	some wrong in mistakes(image)
	message := sprintf("%s is '%s': %s.", [field, image, wrong])
}

mistakes(image) := {"an own image is named by the digest that was built, homeostat/NAME@sha256:DIGEST"} if {
	own(image)
	not regex.match(`^(.*/)?homeostat/[a-z0-9-]+@sha256:[0-9a-f]{64}$`, image)
}

mistakes(image) := {"name an exact version, such as 'redis:7.4.1'"} if {
	not own(image)
	not exact(image)
}

# On whichever registry it lies.
own(image) if regex.match(`^(.*/)?homeostat/`, image)

exact(image) if regex.match(`^[a-z0-9][a-z0-9./:_-]*:v?[0-9]+\.[0-9]+\.[0-9]+([.+_-][0-9A-Za-z.+_-]+)?(@sha256:[0-9a-f]{64})?$`, image)

exact(image) if {
	some name in two_numbers
	regex.match(sprintf(`^(.*/)?%s:[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(@sha256:[0-9a-f]{64})?$`, [name]), image)
}
