#!/usr/bin/env bash
# Builds images, lets Trivy judge each and pushes it, by its digest, which is then written down.
# Usage: scripts/image.sh RESULTS BENTOS [REGISTRY]      the image of every packaged model
#        scripts/image.sh --own [REGISTRY]               our own components' images
#   RESULTS   what `make package` left: one folder a model, with package.json, which gets the digest
#   BENTOS    the bentos by digest
#   REGISTRY  host and path that images are pushed to; without it they are built and scanned, and no digest is written
# A component's digest goes into manifests/<component>/image/kustomization.yaml.
# Needs docker with BuildKit, and trivy.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
# the same content is the same image
export SOURCE_DATE_EPOCH=315532800

die() {
    echo "error: $*" >&2
    exit 4
}

for program in docker trivy; do
    command -v "$program" >/dev/null || die "$program is not on PATH; images are built by docker and judged by trivy."
done

# Sets pushed to the digest, or to nothing without a registry.
make_image() {
    local image=$1 containerfile=$2 context=$3
    docker build --file "$containerfile" --tag "$image" "$context"
    trivy image --exit-code 1 --ignore-unfixed --severity HIGH,CRITICAL --scanners vuln,secret "$image"
    pushed=
    if [ -z "$registry" ]; then
        echo "$image passed; no registry is set, so it was not pushed"
        return
    fi
    docker push "$image"
    pushed=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image" | grep -F "${image%:*}@")
    pushed=${pushed##*@}
    echo "$image pushed as $pushed"
}

model_image() {
    local package=$1 digest bento containerfile name
    digest=$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["bento_digest"])' "$package")
    bento=$bentos/$digest
    [ -d "$bento" ] || die "$package names the bento $digest, which is not in $bentos."
    # the name that it has in a cluster
    name=$(basename "$(dirname "$package")" | tr _ -)
    containerfile=$("$python" -c 'import json, sys; print(json.load(open(sys.argv[1])).get("dockerfile") or "")' "$package")
    make_image "${registry:+$registry/}$name:$digest" "${containerfile:-$repository/images/model/Containerfile}" "$bento"
    [ -z "$pushed" ] || "$python" - "$package" "$pushed" <<'EOF'
import json, pathlib, sys

path = pathlib.Path(sys.argv[1])
part = path.with_suffix(".part")
part.write_text(json.dumps(json.loads(path.read_text()) | {"image_digest": sys.argv[2]}, indent=2) + "\n")
part.replace(path)
EOF
}

# The digest goes where the manifests name the image, and stays as it is in every other line.
own_image() {
    local name=$1 pin
    make_image "${registry:+$registry/}$name:$(git -C "$repository" rev-parse HEAD)" \
        "$repository/images/$name/Containerfile" "$repository"
    pin=$(grep -l "name: homeostat/$name\$" "$repository"/manifests/*/image/kustomization.yaml || true)
    if [ -n "$pushed" ] && [ -n "$pin" ]; then
        sed -i "/name: homeostat\/$name\$/,/digest:/s/digest: .*/digest: $pushed/" "$pin"
    fi
}

if [ "${1:-}" = --own ]; then
    registry=${2:-}
    for containerfile in "$repository"/images/*/Containerfile; do
        name=$(basename "$(dirname "$containerfile")")
        # a model's image is made of a bento, and the stand-in runs where the real controller can't be had
        case "$name" in model | kserve-stand-in) continue ;; esac
        own_image "$name"
    done
    exit
fi

results=$1
bentos=$2
registry=${3:-}
found=0
for package in "$results"/*/package.json; do
    [ -e "$package" ] || continue
    found=1
    model_image "$package"
done
[ "$found" -eq 1 ] || echo "no model was packaged, so there is no image to build"
