#include "sip/transaction/match.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sidetone::sip::transaction {
namespace {

void append_lower(std::string& out, std::string_view text) {
  for (const char c : text) out += ascii_lower(c);
}

std::string old_key(const Message& request, const Via& via, std::string_view method) {
  const auto from = NameAddr::parse(request.value(HeaderId::from));
  const auto cseq = CSeq::parse(request.value(HeaderId::cseq));
  // Line feeds cannot be in any of the parts, so no two sets of parts give one key.
  return fmt::format("\n{}\n{}\n{}\n{}\n{}:{}\n{}\n{}", request.request_uri(), from ? from->tag() : "",
                     request.value(HeaderId::call_id), cseq ? cseq->number : 0, via.host, via.port,
                     via.branch(), method);
}

}  // namespace

std::string client_key(std::string_view branch, Method method) {
  std::string key(branch);
  if (method == Method::cancel) key += "\nC";
  return key;
}

std::string server_key(const Message& request, const Via& via, std::string_view method) {
  const std::string_view branch = via.branch();
  // §8.1.1.7 spells the cookie in one way, yet tokens compare without case (§7.3.1).
  if (branch.size() <= magic_cookie.size() || !iequals(branch.substr(0, magic_cookie.size()), magic_cookie))
    return old_key(request, via, method);
  std::string key;
  key.reserve(branch.size() + via.host.size() + method.size() + 8);
  append_lower(key, branch);
  key += '\n';
  append_lower(key, via.host);
  key += ':';
  if (via.port != 0) key += std::to_string(via.port);
  key += '\n';
  key += method;
  return key;
}

}  // namespace sidetone::sip::transaction
