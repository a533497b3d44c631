# Sourced: which Harbor it is that tbench is held against.
# shellcheck disable=SC2034 # for those that source this

harbor_version=0.26.0
compose_version=1.6.0
harbor_image=localhost/tbench-harbor:$harbor_version
