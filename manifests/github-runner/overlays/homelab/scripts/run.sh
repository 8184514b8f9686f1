#!/bin/bash
# Take one job and end. The configuration is good for this runner alone, and is not left lying for the job to read.
set -euo pipefail
configuration="$(<.jitconfig)"
rm .jitconfig
export ACTIONS_RUNNER_INPUT_JITCONFIG="$configuration"
exec ./run.sh
