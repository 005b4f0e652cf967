// The parsers behind the public parse() functions: no allocation, no error text that must be built. Each
// returns nullptr, or what is wrong, as a literal that reads on from the header's name ("From: ...").
#pragma once

#include <cstdint>
#include <string_view>

#include "sip/message/headers.h"
#include "sip/message/uri.h"

namespace sidetone::sip {

using Complaint = const char*;

[[nodiscard]] Complaint read_uri(std::string_view text, Uri& uri);
[[nodiscard]] Complaint read_via(std::string_view value, Via& via);
[[nodiscard]] Complaint read_name_addr(std::string_view value, NameAddr& name_addr);
[[nodiscard]] Complaint read_cseq(std::string_view value, CSeq& cseq);
[[nodiscard]] Complaint read_session_expires(std::string_view value, SessionExpires& session_expires);
[[nodiscard]] Complaint read_token_params(std::string_view value, TokenParams& token_params);
// 1*DIGIT that fits; `at` moves behind the digits in any case.
enum class Digits : std::uint8_t { none, fit, too_large };
[[nodiscard]] Digits read_digits(const char*& at, const char* end, std::uint32_t& number);
// delta-seconds, then nothing, parameters or a comment.
[[nodiscard]] Complaint read_delta(std::string_view value, std::uint32_t& number, bool& too_large);
// ";name=value;name" in [at, end), with LWS around the separators (RFC 3261 §25.1 generic-param). Text from
// `begin` on may be read.
[[nodiscard]] Complaint read_params(const char* at, const char* end, const char* begin, ParamList& params);

}  // namespace sidetone::sip
