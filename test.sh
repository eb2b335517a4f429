#!/usr/bin/env bash
# Installs what the tests need, builds, checks the format and runs every test. The last line is "N passed, N failed, N skipped".
#   ./test.sh          everything, under 15 minutes on two cores
#   ./test.sh long     more seeds of the simulation and the fuzzers; for nights
#   ./test.sh simulate --hours N    crash schedules from a random seed on, with the seeds and what they came by
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

fail() { echo "test.sh: $*" >&2; echo "0 passed, 1 failed, 0 skipped"; exit 1; }

case "${1:-}" in
  "") ;;
  long) export PARLEY_SIMULATION_SCHEDULES=${PARLEY_SIMULATION_SCHEDULES:-500000} PARLEY_FUZZ_ROUNDS=${PARLEY_FUZZ_ROUNDS:-2000000} ;;
  simulate)
    [ "${2:-}" = --hours ] && [[ "${3:-}" =~ ^[0-9]+(\.[0-9]+)?$ ]] || fail "say for how long: ./test.sh simulate --hours N"
    dotnet build test/Parley.Simulation -c Release -v quiet --nologo || fail "the build failed"
    PARLEY_SIMULATION_HOURS=$3 exec test/Parley.Simulation/bin/Release/net10.0/Parley.Simulation -noColor -method "*Are_kept_through_crashes_and_failing_disks"
    ;;
  *) fail "unknown argument $1; see the head of this file" ;;
esac

command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing"
command -v npm >/dev/null || fail "Node 20 with npm is missing (it runs clients that others wrote against the server)"
if ! command -v chromium >/dev/null; then
  command -v apt-get >/dev/null || fail "chromium is missing (the official web SDK runs in it)"
  echo "installing chromium"
  { apt-get update && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends chromium; } >/tmp/parley-apt.log 2>&1 \
    || { tail -20 /tmp/parley-apt.log; fail "chromium could not be installed"; }
fi

for clients in sdk rpc; do
  (cd "test/$clients" && npm ci --no-audit --no-fund --loglevel=error) || fail "npm ci failed in test/$clients"
done
dotnet build Parley.slnx -c Release -v quiet --nologo || fail "the build failed"
dotnet format Parley.slnx --verify-no-changes --no-restore || fail "the format differs: run 'dotnet format Parley.slnx'"

passed=0 failed=0 skipped=0
count() { passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3)); }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in test/*/*.csproj; do
  name=$(basename "$project" .csproj)
  [ "$name" = Parley.Testing ] && continue
  echo "== $name"
  "test/$name/bin/Release/net10.0/$name" -noColor 2>&1 | tee "$log" | grep -v -E '^  (Discover|Starting|Finished)|^xUnit' || true
  summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -1)
  if [[ "$summary" =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+) ]]; then
    bad=$((BASH_REMATCH[2] + BASH_REMATCH[3]))
    count $((BASH_REMATCH[1] - bad - BASH_REMATCH[4])) $bad "${BASH_REMATCH[4]}"
  else
    echo "$name ended without a summary"
    count 0 1 0
  fi
done

for clients in sdk rpc; do
  echo "== clients of others: $clients"
  node "test/$clients/run.mjs" 2>&1 | tee "$log"
  summary=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)
  if [[ "$summary" =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)? ]]; then
    count "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[4]:-0}"
  else
    echo "the tests in test/$clients ended without a summary"
    count 0 1 0
  fi
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
