// The main job, measured: a customer calls an agent through the lab's SIP server, both speak real speech, and
// what arrived is compared with what was said. Fails when it does not match.
#include <algorithm>
#include <filesystem>

#include "command.h"
#include "demo_pair.h"
#include "labhost/lab.h"
#include "ladder/ladder.h"
#include "ladder/ladder_sink.h"
#include "speech/speech_check.h"
#include "speech/speech_files.h"

namespace sidetone::app {
namespace {

using std::chrono::seconds;

struct DemoOptions {
  std::string folder = "sidetone-demo";
  int seconds = 6;
  std::vector<std::string> codecs = {"pcmu", "G722", "opus"};
};

struct Direction {
  speech::SpeechVerdict verdict;
  double mouth_to_ear_ms = 0;
};

struct Result {
  std::string codec;
  double agent_registered_ms = 0, customer_registered_ms = 0, set_up_ms = 0;
  CallQuality agent, customer;
  Direction to_agent, to_customer;
  [[nodiscard]] bool good() const { return to_agent.verdict.good && to_customer.verdict.good; }
};

double ms(Duration duration) { return static_cast<double>(duration.count()) / 1000; }

class Demo {
 public:
  explicit Demo(const DemoOptions& options) : options_(options), lab_({loopback(), {}, {}, true}, ladder_) {}

  int run() {
    std::error_code error;
    std::filesystem::create_directories(options_.folder, error);
    if (error)
      return complain({Fault::io, Layer::engine,
                       fmt::format("the folder '{}' cannot be made", options_.folder),
                       "name another one with --folder"});
    if (auto started = lab_.start(); !started) return complain(started.error());
    std::vector<Result> results;
    for (const auto& codec : options_.codecs) {
      auto result = call(codec);
      if (!result) return complain(result.error());
      print(*result);
      results.push_back(std::move(*result));
    }
    lab_.stop();
    print_ladder();
    fmt::print("\nRecordings: {0}/agent-heard-CODEC.wav and {0}/customer-heard-CODEC.wav\n", options_.folder);
    const bool good = std::all_of(results.begin(), results.end(), [](const Result& r) { return r.good(); });
    fmt::print("{}\n",
               good ? "The speech arrived in every call." : "The speech did NOT arrive as it was said.");
    return good ? 0 : 1;
  }

 private:
  static Address loopback() { return {IpAddress::loopback_v4(), 0}; }
  [[nodiscard]] std::string file(const std::string& name) const { return options_.folder + "/" + name; }

  // Two different pieces of one voice: half for each, so that nobody can hear himself by mistake.
  Expected<void> prepare_speech(bool wide, DemoRole& agent, DemoRole& customer) {
    // The wideband recordings are some eleven seconds long: in a longer call silence follows.
    const double seconds_wanted = std::min(2.0 * options_.seconds, 11.0);
    auto speech = speech::find_speech(wide ? speech::Band::full : speech::Band::narrow, seconds_wanted);
    if (!speech) return tl::make_unexpected(speech.error());
    const auto half = speech->samples.size() / 2;
    for (auto* role : {&agent, &customer}) {
      auto writer = media::WaveWriter::create(role->speaks, media::mix_rate_hz);
      if (!writer) return tl::make_unexpected(writer.error());
      const std::span all(speech->samples);
      if (!(*writer)->write(role == &agent ? all.first(half) : all.subspan(half)))
        return fail(Layer::engine, Fault::io, fmt::format("'{}' cannot be written", role->speaks),
                    "is the disk full?");
    }
    return {};
  }

  template <typename Condition>
  Expected<void> wait(const DemoPhone& a, const DemoPhone& b, std::string_view what, Condition condition) {
    const auto until = std::chrono::steady_clock::now() + seconds(10);
    while (!condition()) {
      io_.run_one_until(until);
      io_.restart();
      for (const auto* phone : {&a, &b})
        if (!phone->trouble().empty()) return fail(Layer::engine, Fault::state, phone->trouble());
      if (std::chrono::steady_clock::now() >= until)
        return fail(Layer::engine, Fault::timeout, fmt::format("{} took longer than 10 s", what));
    }
    return {};
  }

  Expected<Result> call(const std::string& codec) {
    DemoRole agent_role{"7001", file("agent-says-" + codec + ".wav"), file("agent-heard-" + codec + ".wav")};
    DemoRole customer_role{"7002", file("customer-says-" + codec + ".wav"),
                           file("customer-heard-" + codec + ".wav")};
    const bool wide = codec != "pcmu" && codec != "pcma";
    if (auto ready = prepare_speech(wide, agent_role, customer_role); !ready)
      return tl::make_unexpected(ready.error());
    DemoPhone agent(io_, clock_, random_, no_log_, agent_role, lab_.address(), codec);
    DemoPhone customer(io_, clock_, random_, no_log_, customer_role, lab_.address(), codec);
    Result result;
    result.codec = codec;
    if (auto done = converse(agent, customer, result); !done) return tl::make_unexpected(done.error());
    names_[lab_.address()] = "SIP server";
    names_[agent.address()] = "agent " + agent_role.dn;
    names_[customer.address()] = "customer " + customer_role.dn;
    if (auto judged = judge(customer_role, agent_role, wide, result.to_agent); !judged)
      return tl::make_unexpected(judged.error());
    if (auto judged = judge(agent_role, customer_role, wide, result.to_customer); !judged)
      return tl::make_unexpected(judged.error());
    return result;
  }

  Expected<void> converse(DemoPhone& agent, DemoPhone& customer, Result& result) {
    for (auto* phone : {&agent, &customer})
      if (auto started = phone->start(); !started) return started;
    auto done =
        wait(agent, customer, "registration", [&] { return agent.registered() && customer.registered(); });
    if (!done) return done;
    const Time dialled = clock_.now();
    customer.post(Dial{"7001", {}});
    done = wait(agent, customer, "ringing", [&] { return agent.is(CallState::ringing); });
    if (!done) return done;
    agent.post(Answer{agent.call()->call});
    done = wait(agent, customer, "the answer",
                [&] { return agent.is(CallState::connected) && customer.is(CallState::connected); });
    if (!done) return done;
    result.set_up_ms = ms(*customer.connected_at() - dialled);
    result.agent_registered_ms = ms(agent.registration_time());
    result.customer_registered_ms = ms(customer.registration_time());

    io_.run_for(seconds(options_.seconds));
    io_.restart();
    const auto agent_sound = agent.statistics(), customer_sound = customer.statistics();
    result.to_agent.mouth_to_ear_ms = ms(agent_sound.first_heard - customer_sound.first_said);
    result.to_customer.mouth_to_ear_ms = ms(customer_sound.first_heard - agent_sound.first_said);

    agent.post(HangUp{agent.call()->call});
    done = wait(agent, customer, "hanging up",
                [&] { return agent.is(CallState::ended) && customer.is(CallState::ended); });
    if (!done) return done;
    result.agent = agent.call()->quality;
    result.customer = customer.call()->quality;
    agent.post(Stop{});
    customer.post(Stop{});
    return wait(agent, customer, "unregistering", [&] { return agent.stopped() && customer.stopped(); });
  }

  Expected<void> judge(const DemoRole& speaker, const DemoRole& listener, bool wide, Direction& direction) {
    const auto said = media::read_sound_file(speaker.speaks);
    if (!said) return tl::make_unexpected(said.error());
    const auto heard = media::read_sound_file(listener.records);
    if (!heard) return tl::make_unexpected(heard.error());
    // The call ended in the middle of the speech: what was said a second before that must have arrived.
    const auto spoken = static_cast<std::size_t>(options_.seconds - 1) * media::mix_rate_hz;
    speech::SpeechRules rules;
    rules.wideband = wide;
    direction.verdict = speech::check_speech(
        std::span(said->samples).first(std::min(spoken, said->samples.size())), heard->samples, rules);
    direction.mouth_to_ear_ms += direction.verdict.offset_ms;
    return {};
  }

  void print(const Result& r) {
    fmt::print("\n{}: registered in {:.1f} and {:.1f} ms, call set up in {:.1f} ms\n", r.codec,
               r.agent_registered_ms, r.customer_registered_ms, r.set_up_ms);
    print("customer to agent", r.customer, r.agent, r.to_agent);
    print("agent to customer", r.agent, r.customer, r.to_customer);
  }

  static void print(std::string_view way, const CallQuality& from, const CallQuality& to,
                    const Direction& d) {
    fmt::print(
        "  {}: {} packets sent, {} received, {} lost, jitter {:.1f} ms, MOS {:.2f}, mouth to ear {:.0f} ms\n",
        way, from.packets_sent, to.packets_received, to.packets_lost, ms(to.jitter), to.mos,
        d.mouth_to_ear_ms);
    fmt::print("    speech: {}\n", d.verdict.to_string());
  }

  // The first call's messages; the others look the same but for their codec.
  void print_ladder() {
    auto records = ladder_.records();
    int byes_answered = 0;  // one towards each phone
    const auto over = std::find_if(records.begin(), records.end(), [&](const SipRecord& record) {
      const bool answered =
          record.bytes->rfind("SIP/2.0 200", 0) == 0 && record.bytes->find(" BYE\r\n") != std::string::npos;
      return answered && ++byes_answered == 2;
    });
    if (over != records.end()) records.erase(over + 1, records.end());
    lab::ParticipantNames names{{lab_.address(), "SIP server"}};
    for (const auto& [address, name] : names_) names[address] = name;
    fmt::print("\nThe first call, as the SIP server saw it:\n\n{}", lab::draw_ladder(records, names));
  }

  const DemoOptions& options_;
  boost::asio::io_context io_{1};
  engine::SteadyTime clock_;
  engine::SystemRandom random_;
  NullSink no_log_;
  lab::LadderSink ladder_;
  lab::Lab lab_;
  lab::ParticipantNames names_;
};

}  // namespace

void add_demo(CLI::App& app, Run& run) {
  auto options = std::make_shared<DemoOptions>();
  auto* command =
      app.add_subcommand("demo", "three calls in an embedded contact centre, with real speech, measured");
  command->add_option("--folder", options->folder, "where the recordings go")->capture_default_str();
  command->add_option("--seconds", options->seconds, "how long each call talks")
      ->check(CLI::Range(3, 60))
      ->capture_default_str();
  command->add_option("--codec", options->codecs, "the codecs to show, one call each")->capture_default_str();
  command->footer("Exit code: 0 all speech arrived as it was said, 1 it did not or no call came about.");
  command->callback([&run, options] { run = [options] { return Demo(*options).run(); }; });
}

}  // namespace sidetone::app
