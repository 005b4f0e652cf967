#!/usr/bin/env bash
# The check of docs/options-proved.md can fail: on words that are no tests, on tests of something else, on what is missing.
# usage: options_proved.sh TOOL SIDETONE
set -uo pipefail
page=$(mktemp)
trap 'rm -f "$page"' EXIT
cat > "$page" <<'ROWS'
| `policy.session.auto_answer` | right | call_test.cpp:auto_answer_waits_its_delay |
| `policy.session.vad_level` | a word of the file that is no test | phone_voice.py:loudness_here |
| `policy.session.dtx_mode` | a test that says nothing of it | phone_lines.py:test_a_wrong_one_is_told |
| `policy.session.rx_agc_mode` | a word that is not there | phone_voice.py:test_rx_agc_mode_levels_soft_callers as nonsense |
| `policy.session.dtmf_method` | no such file | nowhere.py:test_each_method |
| `policy.session.echo_control` | right, by a field | voice_processing_test.cpp:RemovesTheEchoAfterThreeSeconds |
| `policy.session.no_option` | no such option | phone_digits.py:test_each_method as dtmf |
ROWS
said=$("$1" "$2" "$page") && { echo "all of this is said to be right"; exit 1; }
faults=0
expect() {
  grep -qF -- "$1" <<<"$said" || { echo "not told: $1"; faults=1; }
}
expect 'policy.session.vad_level: phone_voice.py has no test loudness_here'
expect 'policy.session.dtx_mode: phone_lines.py:test_a_wrong_one_is_told does not name'
expect 'policy.session.rx_agc_mode: phone_voice.py:test_rx_agc_mode_levels_soft_callers does not name nonsense'
expect 'policy.session.dtmf_method: there is no nowhere.py below tests/'
expect 'policy.session.no_option is no option'
expect 'system.media.ringing_file has no row'
if grep -E '^policy.session.(auto_answer|echo_control)\b' <<<"$said"; then
  echo "that is right, and is said to be wrong"
  faults=1
fi
exit $faults
