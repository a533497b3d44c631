#!/bin/bash
printf '#!/bin/sh\nexec rev\n' > /app/flip
chmod +x /app/flip
