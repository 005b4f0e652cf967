// The lab's server with phones around it, and one record of all that it gets, sends and tells, in its order.
//
//   "7001 < INVITE sdp"   to the phone        "7001 > 200 INVITE sdp"   from it
//   "EventDialing (7001,7002)"
#pragma once

#include <algorithm>
#include <deque>
#include <initializer_list>

#include "lab_node.h"
#include "script_phone.h"
#include "wire_scenario.h"

namespace sidetone::test {

using lab::ServerSettings;
namespace tlib = lab::tlib;

class Chronicle final : public LogSink {
 public:
  [[nodiscard]] bool wants(LogTag tag, LogLevel) const override { return tag == LogTag::lab; }
  void write(LogRecord record) override {
    if (record.text.starts_with("Event")) lines.push_back(std::move(record.text));
  }
  [[nodiscard]] bool wants_sip() const override { return true; }
  void trace(SipRecord record) override {
    const auto message = sip::parse_message(*record.bytes);
    if (!message || message->method() == sip::Method::register_ || message->status() == 100) return;
    const auto name = names.find(record.remote);
    lines.push_back(fmt::format("{} {} {}{}{}", name == names.end() ? "?" : name->second,
                                record.direction == SipDirection::out ? "<" : ">",
                                message->is_request() ? "" : std::to_string(message->status()) + " ",
                                message->method_name(), message->body().starts_with("v=0") ? " sdp" : ""));
  }
  std::map<Address, std::string> names;
  std::vector<std::string> lines;
};

// A world of wire and lab: beside what any call must keep, no request may be forgotten.
class TlibWorld final : public FaultyWorld {
 public:
  TlibWorld(Wire& wire, LabNode& lab, std::vector<tlib::Request>& asked, std::vector<tlib::Event>& told)
      : world_(wire), lab_(lab), asked_(asked), told_(told) {}
  void befall(Mishap mishap) override { world_.befall(mishap); }
  [[nodiscard]] std::size_t messages() const override { return world_.messages(); }
  [[nodiscard]] std::string ladder() const override { return world_.ladder(); }
  std::string judge() override {
    auto found = world_.judge();
    while (auto event = lab_.server.poll_tlib_event()) told_.push_back(std::move(*event));
    found += left_over() + unanswered() + off_hook_forever();
    return found;
  }
  void allow_one_sided_calls() { world_.allow_one_sided_calls(); }

 private:
  [[nodiscard]] std::string left_over() const {
    std::string found;
    if (lab_.server.flows() != 0) found += fmt::format("{} requests still run\n", lab_.server.flows());
    if (lab_.server.active_calls() != 0) found += "the server believes in a call\n";
    const auto& calls = lab_.server.calls();
    if (calls.calls != calls.over || calls.calls != calls.answered + calls.refused + calls.cancelled)
      found += fmt::format("{} calls, {} over, {} answered, {} refused, {} cancelled\n", calls.calls,
                           calls.over, calls.answered, calls.refused, calls.cancelled);
    return found;
  }
  // At most one error for each request, and some event: nobody waits for ever.
  [[nodiscard]] std::string unanswered() const {
    std::string found;
    for (const auto& request : asked_) {
      const auto of_it = [&](const tlib::Event& event) { return event.reference_id == request.reference_id; };
      const auto errors = std::count_if(told_.begin(), told_.end(), [&](const tlib::Event& event) {
        return of_it(event) && event.name == tlib::EventName::error;
      });
      if (errors > 1 || std::none_of(told_.begin(), told_.end(), of_it))
        found += fmt::format("{} has {} errors, or no event at all\n", name_of(request.name), errors);
    }
    return found;
  }
  // Whatever a desktop was told to have begun, it was told to have ended.
  [[nodiscard]] std::string off_hook_forever() const {
    std::map<std::string, int> hooks, rings;
    for (const auto& event : told_) {
      using tlib::EventName;
      if (event.name == EventName::off_hook) ++hooks[event.this_dn];
      if (event.name == EventName::on_hook) --hooks[event.this_dn];
      const auto call = event.this_dn + "/" + event.conn_id;
      if (event.name == EventName::ringing || event.name == EventName::dialing) ++rings[call];
      if (event.name == EventName::released || event.name == EventName::abandoned) --rings[call];
      // It knows the call by another id from now on, if it knew it by that one.
      const auto former = event.this_dn + "/" + event.previous_conn_id;
      if (event.name == EventName::party_changed && rings[former] > 0 && rings[call] <= 0) {
        --rings[former];
        ++rings[call];
      }
    }
    std::string found;
    for (const auto& [dn, count] : hooks)
      if (count != 0) found += fmt::format("{} is off hook {} times\n", dn, count);
    for (const auto& [call, count] : rings)
      if (count > 0) found += fmt::format("{} never ended\n", call);
    return found;
  }

  WireWorld world_;
  LabNode& lab_;
  std::vector<tlib::Request>& asked_;
  std::vector<tlib::Event>& told_;
};

class TlibScenario : public Scenario {
 public:
  static constexpr std::string_view lab_address = "10.0.0.9";

  explicit TlibScenario(ServerSettings settings = {})
      : lab(wire, lab_address, open(std::move(settings)), &log) {
    const auto record = lab.node.on_event;
    lab.node.on_event = [this, record](const sip::Event& event) {
      record(event);
      collect();
    };
  }
  FaultyWorld& faulty_world() override { return world; }

  ScriptPhone& phone(const std::string& dn) {
    const auto address = fmt::format("10.0.0.{}", 11 + phones_.size());
    phones_.emplace_back(wire, dn, address, Address::parse(lab_address, 5060).value());
    log.names[phones_.back().node.address] = dn;
    run(milliseconds(50));
    return phones_.back();
  }
  // The media server: all DNs with this prefix.
  ScriptPhone& media(const std::string& prefix = "71") {
    auto& server = phone("9999");
    log.names[server.node.address] = "media";
    lab.server.add_route({prefix, sip::Transport::udp, server.ip(), 5060});
    return server;
  }

  // The request's reference_id.
  std::uint64_t ask(tlib::Request request) {
    request.reference_id = asked.size() + 1;
    asked.push_back(request);
    lab.server.request(request, wire.now());
    wire.settle(lab.node);
    collect();
    return request.reference_id;
  }
  std::uint64_t ask(tlib::RequestName name, const std::string& dn, const std::string& destination = {}) {
    tlib::Request request;
    request.name = name;
    request.this_dn = dn;
    request.destination = destination;
    return ask(std::move(request));
  }
  void run(Duration span) {
    wire.run_for(span);
    collect();
  }
  void collect() {
    while (auto event = lab.server.poll_tlib_event()) told.push_back(std::move(*event));
  }

  [[nodiscard]] const tlib::Event* error_of(std::uint64_t reference_id) const {
    for (const auto& event : told)
      if (event.reference_id == reference_id && event.name == tlib::EventName::error) return &event;
    return nullptr;
  }
  [[nodiscard]] std::string conn_id_of(const std::string& dn) const {
    for (auto at = told.rbegin(); at != told.rend(); ++at)
      if (at->this_dn == dn && !at->conn_id.empty()) return at->conn_id;
    throw Missing(dn + " has had no call");
  }
  void expect_error(std::uint64_t reference_id, tlib::ErrorCode code, int status = 0) {
    const auto* error = error_of(reference_id);
    ASSERT_NE(error, nullptr) << all();
    EXPECT_EQ(name_of(error->error_code), name_of(code)) << error->text;
    EXPECT_EQ(error->status, status) << error->text;
    EXPECT_FALSE(error->text.empty());
  }
  void expect_success(std::uint64_t reference_id) {
    const auto* error = error_of(reference_id);
    EXPECT_EQ(error, nullptr) << (error ? error->text : "") << "\n" << all();
    EXPECT_EQ(lab.server.flows(), 0U) << "it still runs\n" << all();
  }
  // Its events, errors included.
  [[nodiscard]] std::vector<std::string> told_of(std::uint64_t reference_id) const {
    std::vector<std::string> found;
    for (const auto& event : told)
      if (event.reference_id == reference_id) found.push_back(tlib::brief(event));
    return found;
  }
  // What happened since mark(), as a partial order: each line behind the one before it.
  void mark() { mark_ = log.lines.size(); }
  void expect_order(std::initializer_list<std::string_view> wanted) {
    auto at = log.lines.begin() + static_cast<std::ptrdiff_t>(mark_);
    for (const auto line : wanted) {
      at = std::find(at, log.lines.end(), line);
      ASSERT_NE(at, log.lines.end()) << "'" << line << "' is missing, or too early:\n" << all();
      ++at;
    }
  }
  void expect_none(std::string_view unwanted) {
    for (auto i = mark_; i < log.lines.size(); ++i) EXPECT_NE(log.lines[i], unwanted) << all();
  }
  [[nodiscard]] std::size_t count(std::string_view line) const {
    return static_cast<std::size_t>(
        std::count(log.lines.begin() + static_cast<std::ptrdiff_t>(mark_), log.lines.end(), line));
  }
  [[nodiscard]] std::string all() const {
    std::string text;
    for (auto i = mark_; i < log.lines.size(); ++i) text += log.lines[i] + "\n";
    return text;
  }
  // RFC 3264 §8: one origin per session, its version one higher exactly when something changed.
  void expect_lawful_origins() {
    for (const auto& phone : phones_)
      for (const auto& [session, list] : phone.told)
        for (std::size_t i = 1; i < list.size(); ++i) {
          auto same = list[i];
          same.origin.version = list[i - 1].origin.version;
          const bool changed = !(same == list[i - 1]);
          EXPECT_EQ(list[i].origin.session_id, list[i - 1].origin.session_id) << phone.node.name;
          EXPECT_EQ(list[i].origin.version, list[i - 1].origin.version + (changed ? 1 : 0))
              << phone.node.name;
        }
  }
  // Each phone knows the call that it is in, and that under the id that its desktop has.
  void expect_uuid(std::initializer_list<ScriptPhone*> phones) {
    for (auto* phone : phones) {
      ASSERT_EQ(phone->up.size(), 1U) << phone->node.name;
      const auto last = std::find_if(told.rbegin(), told.rend(), [&](const tlib::Event& event) {
        return event.this_dn == phone->node.name && event.name != tlib::EventName::error;
      });
      ASSERT_NE(last, told.rend()) << phone->node.name;
      EXPECT_EQ(phone->uuids[phone->up.front()], last->call_uuid) << phone->node.name;
    }
  }
  void expect_all_over() {
    run(seconds(200));
    EXPECT_EQ(lab.server.active_calls(), 0U);
    EXPECT_EQ(lab.server.flows(), 0U);
    for (const auto& phone : phones_) EXPECT_TRUE(phone.up.empty()) << phone.node.name;
  }

  Wire wire;
  Chronicle log;
  LabNode lab;
  std::vector<tlib::Request> asked;
  std::vector<tlib::Event> told;
  TlibWorld world{wire, lab, asked, told};

 private:
  static ServerSettings open(ServerSettings settings) {
    settings.admit_unknown_dns = true;
    return settings;
  }
  std::deque<ScriptPhone> phones_;
  std::size_t mark_ = 0;
};

}  // namespace sidetone::test
