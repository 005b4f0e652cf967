// The parsers behind the public parse() functions: no allocation, no error text that must be built. Each
// returns nullptr, or what is wrong, as a literal that reads on from the header's name ("From: ...").
#pragma once

#include <string_view>

#include "sip/message/headers.h"
#include "sip/message/uri.h"

namespace sidetone::sip {

using Complaint = const char*;

[[nodiscard]] Complaint read_uri(std::string_view text, Uri& uri);
[[nodiscard]] Complaint read_via(std::string_view value, Via& via);
[[nodiscard]] Complaint read_name_addr(std::string_view value, NameAddr& name_addr);
[[nodiscard]] Complaint read_cseq(std::string_view value, CSeq& cseq);
[[nodiscard]] Complaint read_token_params(std::string_view value, TokenParams& token_params);
// ";name=value;name" up to `end`, with LWS around the separators (RFC 3261 §25.1 generic-param).
[[nodiscard]] Complaint read_params(const char* at, const char* end, ParamList& params);

}  // namespace sidetone::sip
