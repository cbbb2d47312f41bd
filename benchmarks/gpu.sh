#!/usr/bin/env bash
# Everything that needs a GPU, in under 9 minutes: the tests marked `cuda`, then every benchmark of FashionVLM at full size.
# Tables and JSON lines go to the terminal and to $OUT (default: runs/gpu, with --cpu runs/gpu-cpu). The exit status is 1
# where a step failed or left no result.
#
#   benchmarks/gpu.sh          # on a CUDA machine
#   benchmarks/gpu.sh --cpu    # the same steps at tiny sizes without a GPU, to try the script
set -uo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python)}
case "${1:-}" in
  "") mode=gpu ;;
  --cpu) mode=cpu ;;
  *) echo "usage: benchmarks/gpu.sh [--cpu]" >&2; exit 2 ;;
esac
OUT=${OUT:-$([ "$mode" = gpu ] && echo runs/gpu || echo runs/gpu-cpu)}
mkdir -p "$OUT"
rm -f "$OUT"/*.txt "$OUT"/results.jsonl
failed=0
began=$SECONDS

# step NAME SECONDS COMMAND...: run within its time, keep what it says, go on where it fails.
step() {
  local name=$1 limit=$2 started=$SECONDS
  shift 2
  echo "== $name"
  timeout "$limit" "$@" 2>&1 | tee "$OUT/$name.txt"
  local status=${PIPESTATUS[0]}
  echo "== $name took $((SECONDS - started)) s" | tee -a "$OUT/$name.txt"
  if [ "$status" -ne 0 ]; then
    echo "== $name ended with status $status" | tee -a "$OUT/$name.txt"
    failed=1
  fi
}

# benchmark NAME SECONDS COMMAND...: a step that has to end with a line of results.
benchmark() {
  step "$@"
  if ! grep -q '^{"benchmark"' "$OUT/$1.txt"; then
    echo "== $1 left no result" | tee -a "$OUT/$1.txt"
    failed=1
  fi
}

if [ "$mode" = gpu ]; then
  "$PYTHON" -c 'import sys, torch; sys.exit(0 if torch.cuda.is_available() else "torch sees no GPU here; benchmarks/gpu.sh --cpu tries this script without one")' || exit 2
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv | tee "$OUT/machine.txt"
  step tests 120 "$PYTHON" -m pytest -q -m cuda tests/vlm
  benchmark text 100 "$PYTHON" -m benchmarks.vlm_text --size full --tokens 128 --naive-tokens 8
  benchmark draw 130 "$PYTHON" -m benchmarks.vlm_draw --size full --steps 50 18 8 --naive-steps 2 --together 1 4 --decode
  benchmark draw16 60 "$PYTHON" -m benchmarks.vlm_draw --size full --steps 18 --measure-steps 6 --together 16
  benchmark serve 125 "$PYTHON" -m benchmarks.vlm_serve --size full --words 2 --steps 8 --mixed 64
else
  # A patience of its own: a busy machine needs minutes to import what a GPU machine has in seconds.
  patience=${PATIENCE:-1800}
  step tests "$patience" "$PYTHON" -m pytest -q -m cuda tests/vlm/engine
  benchmark text "$patience" "$PYTHON" -m benchmarks.vlm_text --device cpu --size tiny --tokens 6 --naive-tokens 2 --together 1 4 16
  benchmark draw "$patience" "$PYTHON" -m benchmarks.vlm_draw --device cpu --size tiny --steps 5 3 2 --naive-steps 2 --together 1 4 --decode
  benchmark draw16 "$patience" "$PYTHON" -m benchmarks.vlm_draw --device cpu --size tiny --steps 3 --measure-steps 2 --together 16
  benchmark serve "$patience" "$PYTHON" -m benchmarks.vlm_serve --device cpu --size tiny --words 1 --steps 2 --mixed 40
fi
grep -h '^{"benchmark"' "$OUT"/*.txt > "$OUT/results.jsonl" || true
echo "== $(wc -l < "$OUT/results.jsonl") results in $OUT/results.jsonl after $((SECONDS - began)) s; $([ $failed = 0 ] && echo all steps went well || echo at least one step FAILED)"
exit $failed
