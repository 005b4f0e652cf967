// First byte: the rules; the rest: a message as it came, well formed or not. A password in a header of its
// own is not in what the log shows, whatever stands before and behind it; and nothing controls a terminal.
#include <algorithm>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "engine/redaction.h"
#include "script.h"

using namespace sidetone;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view secret = "dfe56131d195";
  fuzz::Script script(data, size);
  const auto rules = script.byte();
  const engine::RedactionRules hidden{(rules & 1U) != 0, (rules & 2U) != 0};
  const auto before = script.text(200);
  const std::string message(script.rest());
  if (before.find(secret) != std::string_view::npos || message.find(secret) != std::string::npos) return 0;

  const auto shown = engine::redacted(message, hidden);
  ST_ASSERT(shown.size() <= 4 * message.size() + 16);  // "\xNN" for a byte
  ST_ASSERT(std::none_of(shown.begin(), shown.end(), [](char c) {
    return static_cast<unsigned char>(c) < 32 && c != '\r' && c != '\n' && c != '\t';
  }));

  std::string planted = "INVITE sip:a SIP/2.0\r\nSubject: ";
  for (const char c : before)
    if (c != '\r' && c != '\n') planted += c;
  planted += "\r\nAuthorization: Digest username=\"a\", response=\"";
  planted += secret;
  planted += "\"\r\n" + message;
  ST_ASSERT(engine::redacted(planted, hidden).find(secret) == std::string::npos);
  return 0;
}
