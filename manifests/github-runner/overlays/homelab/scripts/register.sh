#!/bin/bash
# Ask GitHub for the credentials of one runner that takes one job, and lay them where the runner finds them.
#
# Only this container sees the owner's token. What it hands on is good for that runner alone, and GitHub forgets it
# after the job. The runner's own folder is copied, since it writes into it and the image's can't be written.
set -euo pipefail
: "${REPOSITORY:?OWNER/NAME on GitHub}" "${TOKEN_FILE:?}" "${RUNNER:?the folder of the runner}" "${LABELS:=homeostat}"
: "${API:=https://api.github.com}"

request="$(jq --null-input --arg name "$HOSTNAME" --arg labels "$LABELS" \
  '{name: $name, runner_group_id: 1, labels: ($labels | split(",")), work_folder: "_work"}')"
# the token goes by standard input, where no process list shows it
answer="$(printf 'header = "Authorization: Bearer %s"\n' "$(<"$TOKEN_FILE")" |
  curl --config - --silent --show-error --fail-with-body --max-time 60 --retry 3 \
    --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
    --data "$request" "$API/repos/$REPOSITORY/actions/runners/generate-jitconfig")" || {
  printf 'GitHub gave no runner for %s: %s\n' "$REPOSITORY" "$(jq --raw-output '.message? // .' <<<"$answer")" >&2
  exit 1
}
cp --archive . "$RUNNER"
(umask 077 && jq --raw-output --exit-status .encoded_jit_config <<<"$answer" >"$RUNNER/.jitconfig")
