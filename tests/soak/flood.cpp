// The attacker of the soak runs.
//   flood sip IP:PORT --kind invites --from 127.66.0.1 --rate 10000 --seconds 60
//   flood rtp IP:PORT --from 127.66.0.1 --rate 50000 --seconds 60
// Prints what was sent, as one line of JSON.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <map>

#include "flood_sender.h"
#include "foreign_rtp.h"
#include "foreign_sip.h"
#include "overheard.h"

namespace {

using namespace sidetone;
using namespace sidetone::flood;

const std::map<std::string, ForeignSip> kinds{{"invites", ForeignSip::invites},
                                              {"in_dialog", ForeignSip::in_dialog},
                                              {"responses", ForeignSip::responses},
                                              {"junk", ForeignSip::junk},
                                              {"mixed", ForeignSip::mixed}};

struct Order {
  std::string victim, from = "127.66.0.1", user = "7001";
  ForeignSip kind = ForeignSip::invites;
  std::size_t sources = 16;
  std::uint64_t seed = 1;
  Pace pace;
};

int complain(const Error& error) {
  fmt::print(stderr, "flood: {}\n", describe(error));
  return 2;
}

void print(const Sent& sent, std::size_t overheard) {
  std::vector<std::string> answers;
  answers.reserve(sent.answers.size());
  for (const auto& [status, count] : sent.answers)
    answers.push_back(fmt::format("\"{}\": {}", status, count));
  fmt::print(
      "{{\"sent\": {}, \"failed\": {}, \"seconds\": {:.3f}, \"begin\": {:.3f}, \"overheard\": {}, "
      "\"answers\": {{{}}}}}\n",
      sent.datagrams, sent.failed, sent.seconds, sent.begin_s, overheard, fmt::join(answers, ", "));
}

int run(const Order& order, bool is_rtp) {
  const auto victim = Address::parse(order.victim, 0);
  if (!victim) return complain(victim.error());
  const auto from = IpAddress::parse(order.from);
  if (!from) return complain(Error{Fault::syntax, Layer::net, "--from wants an IP address", {}});
  auto sender = FloodSender::open({*from, 0}, order.sources);
  if (!sender) return complain(sender.error());
  if (is_rtp) {
    auto overheard = overhear(*victim, 50, std::chrono::seconds(2));
    const auto count = overheard.size();
    RtpMaker maker(*victim, std::move(overheard), order.seed);
    print(sender->run(order.pace,
                      [&](std::uint64_t number, const Address&) {
                        const auto made = maker.make(number);
                        return Datagram{made.to, made.bytes};
                      }),
          count);
    return 0;
  }
  SipMaker maker(order.kind, *victim, order.user, order.seed);
  print(sender->run(order.pace,
                    [&](std::uint64_t number, const Address& source) {
                      return Datagram{*victim, maker.make(number, source)};
                    }),
        0);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Sends what a phone must not be disturbed by.");
  Order order;
  app.require_subcommand(1);
  auto* sip = app.add_subcommand("sip", "SIP datagrams of strangers, or, from its address, of a mad server");
  auto* rtp = app.add_subcommand("rtp", "RTP and RTCP of a second source");
  for (auto* command : {sip, rtp}) {
    command->add_option("victim", order.victim, "IP:PORT")->required();
    command->add_option("--from", order.from, "first of the source addresses")->capture_default_str();
    command->add_option("--sources", order.sources, "how many of them")->check(CLI::Range(1, 200));
    command->add_option("--rate", order.pace.per_s, "datagrams per second")->check(CLI::Range(1.0, 1e6));
    command->add_option("--seconds", order.pace.seconds)->check(CLI::Range(0.1, 3600.0));
    command->add_option("--seed", order.seed);
  }
  sip->add_option("--kind", order.kind)->transform(CLI::CheckedTransformer(kinds, CLI::ignore_case));
  sip->add_option("--user", order.user, "who is called")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return run(order, rtp->parsed());
}
