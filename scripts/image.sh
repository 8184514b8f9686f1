#!/usr/bin/env bash
# Builds the OCI image of every packaged model, lets Trivy judge it and pushes it; package.json gets its digest.
# Usage: scripts/image.sh RESULTS BENTOS [REGISTRY]
#   RESULTS   what `make package` left: one folder a model, with package.json
#   BENTOS    the bentos by digest
#   REGISTRY  host and path that images are pushed to; without it they are built and scanned, and no digest is written
# Needs docker and trivy.
set -euo pipefail

results=$1
bentos=$2
registry=${3:-}
python=${PYTHON:-python3}

die() {
    echo "error: $*" >&2
    exit 4
}

for program in docker trivy; do
    command -v "$program" >/dev/null || die "$program is not on PATH; images are built by docker and judged by trivy."
done

image_of() {
    local package=$1 digest bento dockerfile image pushed
    digest=$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["bento_digest"])' "$package")
    bento=$bentos/$digest
    [ -d "$bento" ] || die "$package names the bento $digest, which is not in $bentos."
    image=${registry:+$registry/}$(basename "$(dirname "$package")"):$digest
    dockerfile=$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1])).get("dockerfile") or "")' "$package")
    docker build --file "${dockerfile:-$bento/env/docker/Dockerfile}" --tag "$image" "$bento"
    trivy image --exit-code 1 --ignore-unfixed --severity HIGH,CRITICAL --scanners vuln,secret "$image"
    if [ -z "$registry" ]; then
        echo "$image passed; no registry is set, so it was not pushed"
        return
    fi
    docker push "$image"
    pushed=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image" | grep -F "${image%:*}@")
    "$python" - "$package" "${pushed##*@}" <<'EOF'
import json, pathlib, sys

path = pathlib.Path(sys.argv[1])
part = path.with_suffix(".part")
part.write_text(json.dumps(json.loads(path.read_text()) | {"image_digest": sys.argv[2]}, indent=2) + "\n")
part.replace(path)
EOF
    echo "$image pushed as ${pushed##*@}"
}

found=0
for package in "$results"/*/package.json; do
    [ -e "$package" ] || continue
    found=1
    image_of "$package"
done
[ "$found" -eq 1 ] || echo "no model was packaged, so there is no image to build"
