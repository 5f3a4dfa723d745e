# One line about a build: WHAT it is, how far it is, and about how long it still takes, from Ninja's lines "[done/all] ...". On a terminal the
# line is written over, elsewhere there is one every tenth of the way.
function now(  time) {
  "date +%s" | getline time
  close("date +%s")
  return time
}
function duration(seconds) {
  if (seconds < 60) return sprintf("%d s", seconds)
  return sprintf("%d min %02d s", seconds / 60, seconds % 60)
}
function show(done, all,  share, left, text) {
  share = done / all
  left = share > 0.05 ? ", about " duration((now() - start) * (1 - share) / share) " left" : ""
  text = sprintf("%s==>%s %s: %d of %d%s", ENVIRON["BOLD"], ENVIRON["PLAIN"], ENVIRON["WHAT"], done, all, left)
  if (ENVIRON["TERMINAL"]) {
    printf "\r\033[K%s", text
  } else if (int(share * 10) > shown) {
    shown = int(share * 10)
    print text
  }
  fflush()
}
BEGIN {
  start = now()
  shown = -1
  printf "%s==>%s %s%s", ENVIRON["BOLD"], ENVIRON["PLAIN"], ENVIRON["WHAT"], ENVIRON["TERMINAL"] ? "" : "\n"
  fflush()
}
match($0, /\[[0-9]+\/[0-9]+\]/) {
  split(substr($0, RSTART + 1, RLENGTH - 2), count, "/")
  if (count[2] > 0 && now() != last) {
    last = now()
    show(count[1], count[2])
  }
}
END {
  text = sprintf("%s==>%s %s took %s", ENVIRON["BOLD"], ENVIRON["PLAIN"], ENVIRON["WHAT"], duration(now() - start))
  printf "%s%s\n", ENVIRON["TERMINAL"] ? "\r\033[K" : "", text
}
