#!/usr/bin/env bash
# Trains the project's own models: train.sh STAGE [--data DIR] [--work DIR] [--until HH:MM]
#
#   asr-data    synthetic telephone speech, about 250,000 utterances in shards (25 min of one core, 5 GB)
#   asr         trains until --until (default: 75 minutes from now); may run beside asr-data; resumes
#   asr-export  WORK/checkpoint.pt -> models/asr.ggml.zst
#   asr-language  what is said, in order -> models/asr.{zh,en}.arpa.zst (2 min); from the texts and vocabulary of asr-data
#   asr-eval    error rates of models/asr.ggml.zst on held-out sentences and voices
#   intent-pretrain  tokenizer and encoder on dialogue text, 6 min; without a --data folder on our own utterances only
#   intent      the 66 actions from that encoder, two seeds, 7 min
#   intent-export  -> models/intent.onnx, models/intent.tokenizer.json, tests/intent_ids.tsv
#   intent-eval    accuracy, recall and calibration of models/intent.onnx on dev; INTENT_BLIND=1 adds the blind lines
#   turns-words    whether words are a whole utterance -> models/turns.bin, 1 min
#   heldout     proves that training and held-out text and voices do not cross
#
# Needs: pip install -r scripts/train/requirements.txt, espeak-ng, zstd. --data is the folder with
# text/*.zip (public dialogue corpora, not part of this repository); PYTHON names the interpreter.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
stage=${1:?usage: train.sh STAGE [--data DIR] [--work DIR] [--until HH:MM]}
shift
data=data work=${TMPDIR:-/tmp}/callwright-train until=$(date -d '+75 min' +%H:%M)
while [ $# -gt 0 ]; do
    case $1 in
        --data) data=$2 ;;
        --work) work=$2 ;;
        --until) until=$2 ;;
        *) echo "unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
asr_shards=${ASR_SHARDS:-50}
export OMP_NUM_THREADS=1
mkdir -p "$work"

case $stage in
    asr-data)
        "$python" "$here/asr/synth.py" "$work" "$data" 0 "$asr_shards" ;;
    asr)
        "$python" "$here/asr/train.py" "$work" --until "$until" --world 2 --rank 1 &
        "$python" "$here/asr/train.py" "$work" --until "$until" --world 2 --rank 0
        wait ;;
    asr-export)
        "$python" "$here/asr/export.py" "$work/checkpoint.pt" "$work/vocab.json" "$here/../../models/asr.ggml.zst" ;;
    asr-language)
        "$python" "$here/asr/ngram.py" "$work" "$data" "$here/../../models" ;;
    asr-eval)
        "$python" "$here/asr/evaluate.py" "$work" "$here/../../models/asr.ggml.zst" ;;
    intent-pretrain)
        "$python" "$here/intent/pretrain.py" --work "$work/intent" --data "$data" ;;
    intent)
        "$python" "$here/intent/finetune.py" --work "$work/intent" ;;
    intent-export)
        "$python" "$here/intent/export.py" --work "$work/intent" ;;
    intent-eval)
        "$python" "$here/intent/evaluate.py" ${INTENT_BLIND:+--blind} ;;
    turns-words)
        "$python" "$here/turns/words.py" "$here/../../models/turns.bin" ;;
    heldout)
        "$python" "$here/heldout.py" ;;
    *)
        echo "unknown stage $stage" >&2; exit 2 ;;
esac
