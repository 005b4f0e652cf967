#include "role.h"

#include <algorithm>

#include "sip/message/headers.h"

namespace sidetone::torture {
namespace {

using sip::HeaderId;
using test::milliseconds;
using test::seconds;

// What an answer must have in common with its request (RFC 3261 §8.2.6.2); bytes may differ.
std::string differences(const sip::Message& request, const sip::Message& answer) {
  std::string found;
  const auto compare = [&](std::string_view what, std::string_view ours, std::string_view theirs) {
    if (ours != theirs) found += fmt::format("{} is {} instead of {}; ", what, ours, theirs);
  };
  for (const auto id : {HeaderId::call_id, HeaderId::cseq, HeaderId::from})
    compare(sip::canonical_name(id), answer.value(id), request.value(id));
  const auto ours = answer.values(HeaderId::via), theirs = request.values(HeaderId::via);
  compare("number of Vias", std::to_string(ours.size()), std::to_string(theirs.size()));
  for (std::size_t i = 1; i < std::min(ours.size(), theirs.size()); ++i) compare("Via", ours[i], theirs[i]);
  const auto to = answer.value(HeaderId::to);
  if (to.substr(0, request.value(HeaderId::to).size()) != request.value(HeaderId::to))
    compare("To", to, request.value(HeaderId::to));
  return found;
}

}  // namespace

Role::Role(Kind kind) { kind == Kind::phone ? be_a_phone() : be_a_server(); }

void Role::be_a_phone() {
  node_ = &wire_.add("phone", "198.51.100.2:5060", sip::StackSettings{});
  sip::Account account;
  account.uri = "sip:user@example.com";
  account.server = sip::NextHop{sip::Transport::udp, source_.ip.to_string(), source_.port, {}, {}};
  node_->stack.add_account(account, wire_.now());
  // The user answers everything, so that all that a message can set in motion is.
  node_->on_event = [this](const sip::Event& event) {
    if (const auto* invite = std::get_if<sip::IncomingInvite>(&event)) {
      EXPECT_TRUE(node_->stack.provisional(invite->session, {}, wire_.now()));
      EXPECT_TRUE(node_->stack.accept(invite->session, test::sdp_a, {}, wire_.now()));
    }
    if (const auto* request = std::get_if<sip::IncomingRequest>(&event))
      EXPECT_TRUE(node_->stack.respond(request->id, {}, wire_.now()));
  };
}

void Role::be_a_server() {
  lab::ServerSettings settings;
  settings.admit_unknown_dns = true;
  server_ = std::make_unique<lab::Server>(settings, random_, log_, wire_.now());
  node_ = &wire_.add("server", "198.51.100.2:5060",
                     test::StackOwner{server_->stack(), [this] { return server_->deadline(); },
                                      [this](Time now) { server_->on_time(now); }});
  node_->on_event = [this](const sip::Event& event) { server_->handle(event, wire_.now()); };
}

std::vector<std::string> Role::bindings(std::string_view dn) const {
  std::vector<std::string> found;
  for (const auto& binding : server_->bindings(dn, wire_.now())) found.push_back(binding.contact);
  return found;
}

Reaction Role::datagram(const std::string& bytes) {
  Reaction reaction;
  wire_.inject(source_, node_->address, bytes);
  wire_.run_for(milliseconds(100));
  std::vector<std::string> sent;
  for (const auto& crossing : wire_.crossings) {
    if (crossing.from != node_->address) continue;
    sent.push_back(crossing.bytes);
    // RFC 4475 §3.3.10 and common sense: nothing goes to addresses that only a message named.
    if (crossing.to.ip != source_.ip)
      reaction.complaints += fmt::format("sent to {}; ", crossing.to.to_string());
  }
  judge_answers(sent, bytes, reaction);
  judge_rest(reaction);
  return reaction;
}

Reaction Role::stream(const std::string& bytes) {
  Reaction reaction;
  const auto stream = wire_.connect_raw(*node_, source_);
  wire_.send_raw(*stream, bytes);
  wire_.run_for(milliseconds(100));
  sip::StreamFramer framer;
  framer.append(stream->received);
  std::vector<std::string> sent;
  while (const auto next = framer.next()) {
    if (!*next) break;
    sent.push_back(**next);
  }
  judge_answers(sent, bytes, reaction);
  if (stream->closed && reaction.answer == "none") reaction.answer = "closed";
  if (!stream->closed) {
    node_->stack.transport().closed(stream->id, "closed by peer", wire_.now());
    node_->stack.run(wire_.now());
  }
  judge_rest(reaction);
  return reaction;
}

void Role::judge_answers(const std::vector<std::string>& sent, const std::string& bytes, Reaction& reaction) {
  const auto request = sip::parse_message(bytes);
  for (const auto& text : sent) {
    auto answer = sip::parse_message(text);
    // What answers an unreadable field gives that field back.
    if (!answer && request) reaction.complaints += "an answer that cannot be read; ";
    const int status = answer                         ? answer->status()
                       : text.starts_with("SIP/2.0 ") ? std::stoi(text.substr(8, 3))
                                                      : 0;
    if (status < 200 || reaction.message) continue;
    if (reaction.answer == "none") reaction.answer = std::to_string(status);
    if (request && answer) {
      reaction.complaints += differences(*request, *answer);
      reaction.message = std::move(*answer);
    }
  }
}

// Whatever came, it is forgotten in the end.
void Role::judge_rest(Reaction& reaction) {
  wire_.run_for(seconds(400));
  const auto left = node_->stack.counters();
  const auto sum = left.sessions + left.dialogs + left.clients + left.servers + left.requests + left.timers;
  if (sum != 0)
    reaction.complaints +=
        fmt::format("left: {} sessions, {} dialogs, {} transactions, {} requests, {} timers; ", left.sessions,
                    left.dialogs, left.clients + left.servers, left.requests, left.timers);
  if (wire_.is_restless) reaction.complaints += "no rest; ";
}

}  // namespace sidetone::torture
