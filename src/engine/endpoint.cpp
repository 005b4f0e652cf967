// The SDK's Endpoint: a PhoneEngine on a thread of its own, and a queue between that thread and the user.
#include "sidetone/endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "config/option.h"
#include "endpoint/call_history.h"
#include "engine/audio_tap.h"
#include "engine/log_settings.h"
#include "engine/phone_engine.h"
#include "engine/phone_settings.h"
#include "engine/quality.h"
#include "engine/steady_time.h"
#include "engine/system_random.h"
#include "media/worker.h"
#include "net/file_watch.h"

namespace sidetone {

class Endpoint::Impl {
 public:
  explicit Impl(EndpointSettings settings) : settings_(std::move(settings)), io_(1) {}
  ~Impl() { shut_down(); }

  std::optional<Problem> start() {
    if (phone_) return Problem{"engine", "state", "the endpoint was started before", ""};
    if (auto started = try_start(); !started) {
      phone_.reset();
      return problem_of(started.error());
    }
    return {};
  }

  void post(Command command) {
    if (thread_.joinable()) phone_->post(std::move(command));
  }

  std::optional<Event> wait_event(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, timeout, [&] { return !events_.empty(); });
    if (events_.empty()) return {};
    std::optional<Event> event(std::move(events_.front()));
    events_.pop_front();
    return event;
  }

  void reload() {
    read_later([this] { read_again("reload", {}); });
  }

  void set_options(std::vector<OptionValue> options) {
    read_later([this, options = std::move(options)] { read_again("set_options", options); });
  }

  std::optional<std::string> option(std::string_view path) const {
    std::lock_guard lock(configuration_mutex_);
    return configuration_ ? configuration_->get(path) : std::nullopt;
  }

  void log(int level, std::string text) {
    if (log_ == nullptr) return;
    log_->write({.time = clock_.now(),
                 .level = static_cast<LogLevel>(std::clamp(level, 0, 4)),
                 .tag = LogTag::engine,
                 .text = std::move(text)});
  }

  void set_wake(std::function<void()> wake) {
    std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }

  std::shared_ptr<AudioTap> tap(CallId call) {
    constexpr std::size_t frames_max = 100;  // a second
    auto frames = std::make_shared<media::FrameTap>(frames_max);
    if (thread_.joinable()) phone_->set_tap(call, frames);
    return std::make_shared<AudioTap>(std::make_unique<AudioTap::Impl>(std::move(frames)));
  }

  std::vector<CallRecord> history() const {
    std::lock_guard lock(mutex_);
    return history_.records();
  }

  Snapshot snapshot() const { return phone_ ? phone_->snapshot() : Snapshot{}; }

  std::optional<CallStatistics> statistics(CallId call) const {
    if (!phone_) return {};
    const auto stream = phone_->statistics(call);
    if (stream.local_ssrc == 0) return {};  // there is no such stream
    return engine::statistics_of(stream);
  }

 private:
  Expected<void> try_start() {
    auto configured = engine::read_configured(settings_);
    if (!configured) return tl::make_unexpected(configured.error());
    auto log = engine::open_log_for(settings_, configured->configuration, clock_,
                                    [this](const Error& error) { queue(Warning{problem_of(error)}); });
    if (!log) return tl::make_unexpected(log.error());
    log_ = std::move(*log);
    keep(std::move(configured->configuration));
    phone_ = std::make_unique<engine::PhoneEngine>(io_, std::move(configured->settings), clock_, random_,
                                                   *log_, [this](Event event) { queue(std::move(event)); });
    queue(Started{random_.token(6)});
    if (auto started = phone_->start(); !started) return started;
    if (settings_.watch_config_file && !settings_.config_file.empty())
      file_watch_ = net::FileWatch::start(io_, settings_.config_file, [this] { reload(); });
    work_.emplace(io_.get_executor());
    thread_ = std::thread([this] { io_.run(); });
    return {};
  }

  void keep(config::Configuration configuration) {
    std::lock_guard lock(configuration_mutex_);
    configuration_ = std::make_shared<const config::Configuration>(std::move(configuration));
  }

  template <typename Job>
  void read_later(Job job) {
    std::lock_guard lock(configuration_mutex_);
    if (reader_ && thread_.joinable()) reader_->post(std::packaged_task<void()>(std::move(job)));
  }

  // What it has begun it ends, and for that the engine's thread must still run.
  void end_reader() {
    std::unique_ptr<media::Worker> reader;
    {
      std::lock_guard lock(configuration_mutex_);
      reader = std::move(reader_);
    }
  }

  // On the reader: a slow disk holds up neither signalling nor sound. The engine's thread takes it over.
  void read_again(const char* command, const std::vector<OptionValue>& options) {
    auto wanted = settings_;
    wanted.options = options_;
    wanted.options.insert(wanted.options.end(), options.begin(), options.end());
    auto configured = engine::read_configured(wanted);
    if (!configured) return refuse(command, configured.error());
    std::promise<bool> taken;
    auto outcome = taken.get_future();
    phone_->on_thread([&, this] {
      const auto before = configuration_;  // nobody else replaces it
      ConfigurationChanged event{changes(*before, configured->configuration),
                                 std::move(configured->warnings)};
      auto log = engine::log_settings(wanted, configured->configuration);
      auto done = phone_->reconfigure(std::move(configured->settings));
      if (!done) refuse(command, done.error());
      if (done && log) log_->reconfigure(std::move(*log));
      if (done) keep(std::move(configured->configuration));
      if (done) queue(std::move(event));
      taken.set_value(done.has_value());
    });
    if (outcome.get()) options_ = std::move(wanted.options);
  }

  static std::vector<ConfigurationChanged::Change> changes(const config::Configuration& before,
                                                           const config::Configuration& now) {
    std::vector<ConfigurationChanged::Change> all;
    for (auto& path : now.differences(before)) {
      const auto* option = config::find_option(path);
      if (option == nullptr || option->has(config::ignored)) continue;
      all.push_back({std::move(path), applies(option->applies)});
    }
    return all;
  }

  static OptionApplies applies(config::Applies when) {
    switch (when) {
      case config::Applies::now: return OptionApplies::now;
      case config::Applies::next_call: return OptionApplies::next_call;
      case config::Applies::next_registration: return OptionApplies::next_registration;
      case config::Applies::restart: return OptionApplies::restart;
    }
    return OptionApplies::restart;
  }

  void refuse(const char* command, const Error& error) {
    auto problem = problem_of(error);
    log_->write({.time = clock_.now(),
                 .level = LogLevel::warning,
                 .tag = LogTag::config,
                 .text = fmt::format("{}: {}", command, describe(error))});
    queue(CommandFailed{command, {}, std::move(problem)});
  }

  static Problem problem_of(const Error& error) {
    return {std::string(to_string(error.layer)), std::string(to_string(error.fault)), error.text,
            error.remedy};
  }

  void queue(Event event) {
    std::function<void()> wake;
    {
      std::lock_guard lock(mutex_);
      if (std::holds_alternative<Stopped>(event)) stopped_ = true;
      history_.note(event, std::chrono::system_clock::now());
      if (events_.empty()) wake = wake_;
      events_.push_back(std::move(event));
      // Bound: a user who never polls loses the oldest news, not the machine's memory.
      constexpr std::size_t events_max = 10000;
      if (events_.size() > events_max) events_.pop_front();
    }
    arrived_.notify_all();
    if (wake) wake();
  }

  void shut_down() {
    end_reader();
    if (thread_.joinable()) {
      phone_->post(Stop{});
      {
        std::unique_lock lock(mutex_);
        // The core gives up after two seconds by itself; this is for a thread that hangs.
        arrived_.wait_for(lock, std::chrono::seconds(3), [&] { return stopped_; });
      }
      work_.reset();
      io_.stop();
      thread_.join();
    }
    file_watch_.reset();
    phone_.reset();
    log_.reset();  // its last troubles are events, too
  }

  EndpointSettings settings_;
  std::vector<OptionValue> options_ = settings_.options;  // with those set since; the reader's
  mutable std::mutex configuration_mutex_;
  std::shared_ptr<const config::Configuration> configuration_;
  std::unique_ptr<media::Worker> reader_ = std::make_unique<media::Worker>();
  engine::SteadyTime clock_;
  engine::SystemRandom random_;
  std::unique_ptr<engine::Log> log_;
  boost::asio::io_context io_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::unique_ptr<engine::PhoneEngine> phone_;
  std::unique_ptr<net::FileWatch> file_watch_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Event> events_;
  endpoint::CallHistory history_;
  bool stopped_ = false;
  std::function<void()> wake_;
};

Endpoint::Endpoint(EndpointSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
Endpoint::~Endpoint() = default;
std::optional<Problem> Endpoint::start() { return impl_->start(); }
void Endpoint::post(Command command) { impl_->post(std::move(command)); }
std::optional<Event> Endpoint::poll_event() { return impl_->wait_event(std::chrono::milliseconds(0)); }
std::optional<Event> Endpoint::wait_event(std::chrono::milliseconds timeout) {
  return impl_->wait_event(timeout);
}
void Endpoint::set_wake(std::function<void()> wake) { impl_->set_wake(std::move(wake)); }
std::shared_ptr<AudioTap> Endpoint::tap(CallId call) { return impl_->tap(call); }
std::vector<CallRecord> Endpoint::history() const { return impl_->history(); }
Snapshot Endpoint::snapshot() const { return impl_->snapshot(); }
void Endpoint::log(int level, std::string text) { impl_->log(level, std::move(text)); }
void Endpoint::reload() { impl_->reload(); }
void Endpoint::set_options(std::vector<OptionValue> options) { impl_->set_options(std::move(options)); }
std::optional<std::string> Endpoint::option(std::string_view path) const { return impl_->option(path); }
std::optional<CallStatistics> Endpoint::statistics(CallId call) const { return impl_->statistics(call); }

}  // namespace sidetone
