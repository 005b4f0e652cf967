// sidetone-lab ctl: a T-Library client on the command line.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <random>

#include "command.h"
#include "labhost/control_client.h"
#include "tlib/event.h"
#include "tlib/json.h"

namespace sidetone::lab {
namespace {

struct CtlSettings {
  std::string control = control_address, request, this_dn, other, conn_id, other_conn_id, until;
  double seconds = 10;
};

// What tells that a request has done what it is for.
tlib::EventName goal_of(tlib::RequestName name) {
  using tlib::EventName, tlib::RequestName;
  switch (name) {
    case RequestName::make_call:
    case RequestName::initiate_transfer:
    case RequestName::initiate_conference: return EventName::dialing;
    case RequestName::answer_call: return EventName::established;
    case RequestName::hold_call: return EventName::held;
    case RequestName::retrieve_call:
    case RequestName::reconnect_call:
    case RequestName::alternate_call: return EventName::retrieved;
    case RequestName::single_step_transfer:
    case RequestName::complete_transfer: return EventName::party_changed;
    case RequestName::complete_conference: return EventName::party_added;
    case RequestName::send_dtmf: return EventName::dtmf_sent;
    case RequestName::redirect_call:
    case RequestName::release_call:
    case RequestName::clear_call: return EventName::released;
  }
  return EventName::error;
}

Expected<tlib::Request> request_of(const CtlSettings& settings) {
  const auto name = tlib::request_named(settings.request);
  if (!name)
    return fail(Layer::lab, Fault::syntax, fmt::format("there is no request '{}'", settings.request),
                "see sidetone-lab ctl --help");
  tlib::Request request;
  request.name = *name;
  request.reference_id = std::random_device{}() | 1U;  // others ask, too, and all hear of it
  request.this_dn = settings.this_dn;
  request.conn_id = settings.conn_id;
  request.other_conn_id = settings.other_conn_id;
  (request.name == tlib::RequestName::send_dtmf ? request.digits : request.destination) = settings.other;
  if (auto good = check(request); !good) return tl::make_unexpected(std::move(good.error()));
  return request;
}

// `asked`: the reference_id of our request, whose error ends it; 0: none.
int watch(ControlClient& lab, std::uint64_t asked, const std::string& goal, std::chrono::milliseconds span) {
  const auto end = std::chrono::steady_clock::now() + span;
  while (true) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= left.zero()) break;
    const auto event = lab.next(std::chrono::duration_cast<std::chrono::milliseconds>(left));
    if (!event) return complain(event.error());
    if (!*event) break;
    fmt::print("{}\n", boost::json::serialize(**event));
    std::fflush(stdout);
    const auto text = [&](const char* name) -> std::string {
      const auto* value = (*event)->if_contains(name);
      return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    const auto* reference = (*event)->if_contains("reference_id");
    const bool ours =
        reference != nullptr && reference->is_number() && reference->to_number<std::uint64_t>() == asked;
    if (ours && text("event") == tlib::name_of(tlib::EventName::error)) return 1;
    if (!goal.empty() && text("event") == goal) return 0;
  }
  if (goal.empty()) return 0;
  fmt::print(stderr, "sidetone-lab: no {} within {:.1f} s\n", goal, static_cast<double>(span.count()) / 1000);
  return 2;
}

int run(const CtlSettings& settings) {
  const auto address = Address::parse(settings.control, 0);
  if (!address) return complain(address.error());
  const auto span = std::chrono::milliseconds(static_cast<std::int64_t>(settings.seconds * 1000));
  const bool only_watch = settings.request == "events";
  auto request = only_watch ? Expected<tlib::Request>{} : request_of(settings);
  if (!request) return complain(request.error());
  auto lab = ControlClient::connect(*address);
  if (!lab) return complain(lab.error());
  if (only_watch) return watch(*lab, 0, settings.until, span);
  if (auto sent = lab->send(*request); !sent) return complain(sent.error());
  return watch(*lab, request->reference_id,
               settings.until.empty() ? std::string(tlib::name_of(goal_of(request->name))) : settings.until,
               span);
}

}  // namespace

Run add_ctl(CLI::App& app) {
  auto settings = std::make_shared<CtlSettings>();
  auto* ctl = app.add_subcommand(
      "ctl",
      "Ask a running lab to control calls, as an agent desktop does, and print the events as JSON lines:\n"
      "  ctl make-call 7001 7002          ctl answer-call 7002          ctl hold-call 7002\n"
      "  ctl retrieve-call 7002           ctl release-call 7001         ctl send-dtmf 7001 12#\n"
      "  ctl single-step-transfer 7002 7003\n"
      "  ctl initiate-transfer 7002 7003  ctl complete-transfer 7002    ctl reconnect-call 7002\n"
      "  ctl initiate-conference 7002 7003, complete-conference, alternate-call, redirect-call, clear-call\n"
      "  ctl events                       only watch\n"
      "Exit code: 0 done, 1 refused, 2 nothing within --for.");
  ctl->add_option("request", settings->request)->required();
  ctl->add_option("this_dn", settings->this_dn, "whose call");
  ctl->add_option("other", settings->other, "the destination, or digits");
  ctl->add_option("--control", settings->control, "the lab's control address")->capture_default_str();
  ctl->add_option("--conn-id", settings->conn_id, "which call, when the DN has several");
  ctl->add_option("--other-conn-id", settings->other_conn_id, "the second one");
  ctl->add_option("--until", settings->until, "ends with this event instead, e.g. EventEstablished");
  ctl->add_option("--for", settings->seconds, "seconds to wait")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 86400.0));
  return [settings] { return run(*settings); };
}

}  // namespace sidetone::lab
