#!/bin/bash
cat > /app/flip <<'SH'
#!/bin/sh
if [ "$1" = -u ]; then rev | tr a-z A-Z; else rev; fi
SH
