#!/usr/bin/env bash
# Everything that needs a GPU, in under 9 minutes: the tests marked `cuda`, then every benchmark of FashionVLM at full size.
# Tables and JSON lines go to the terminal and to $OUT (default: runs/gpu).
#
#   benchmarks/gpu.sh                 # on a CUDA machine
#   FASHIONM3_GPU_DRY=1 benchmarks/gpu.sh   # the same commands at small sizes on the CPU, to try the script
set -uo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python)}
OUT=${OUT:-runs/gpu}
mkdir -p "$OUT"
failed=0

# step NAME SECONDS COMMAND...: run within its time, keep what it says, go on where it fails.
step() {
  local name=$1 limit=$2
  shift 2
  echo "== $name"
  timeout "$limit" "$@" 2>&1 | tee "$OUT/$name.txt"
  local status=${PIPESTATUS[0]}
  if [ "$status" -ne 0 ]; then
    echo "== $name ended with status $status" | tee -a "$OUT/$name.txt"
    failed=1
  fi
}

if [ -n "${FASHIONM3_GPU_DRY:-}" ]; then
  step tests 120 "$PYTHON" -m pytest -q -m cuda tests/vlm/engine
  step text 120 "$PYTHON" -m benchmarks.vlm_text --device cpu --size mini --layers 2 --slots 16 --tokens 4 --naive-tokens 1 --together 1 2
  step draw 120 "$PYTHON" -m benchmarks.vlm_draw --device cpu --size mini --layers 2 --slots 16 --steps 2 --together 1 2
else
  "$PYTHON" -c 'import sys, torch; sys.exit(0 if torch.cuda.is_available() else "torch sees no GPU here; FASHIONM3_GPU_DRY=1 tries this script on the CPU")' || exit 2
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv | tee "$OUT/machine.txt"
  step tests 120 "$PYTHON" -m pytest -q -m cuda tests/vlm
  step text 120 "$PYTHON" -m benchmarks.vlm_text --size full --tokens 128 --naive-tokens 8
  step draw 150 "$PYTHON" -m benchmarks.vlm_draw --size full --steps 50 18 8 --naive-steps 2 --together 1 4 --decode
  step draw16 60 "$PYTHON" -m benchmarks.vlm_draw --size full --steps 18 --measure-steps 6 --together 16
fi
if [ -f benchmarks/vlm_serve.py ]; then
  if [ -n "${FASHIONM3_GPU_DRY:-}" ]; then
    step serve 120 "$PYTHON" -m benchmarks.vlm_serve ${FASHIONM3_SERVE_ARGUMENTS:-}
  else
    step serve 80 "$PYTHON" -m benchmarks.vlm_serve ${FASHIONM3_SERVE_ARGUMENTS:-}
  fi
fi
grep -h '^{"benchmark"' "$OUT"/*.txt > "$OUT/results.jsonl" || true
echo "== $(wc -l < "$OUT/results.jsonl") results in $OUT/results.jsonl"
exit $failed
