#include "labhost/lab.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "labhost/numbers.h"
#include "net/self_signed_certificate.h"
#include "tlib/json.h"

namespace sidetone::lab {

Lab::Lab(LabSettings settings, LogSink& log)
    : settings_(std::move(settings)), log_(log), io_(1), work_(io_.get_executor()) {}

Lab::~Lab() {
  stop();
  if (own_folder_) {
    std::error_code ignored;
    std::filesystem::remove_all(settings_.folder, ignored);
  }
}

Expected<void> Lab::start() {
  if (auto folder = prepare_folder(); !folder) return folder;
  // The media server first: the SIP server's routes name its address. It calls out through the SIP server,
  // whose port must be known for that: bound, then told.
  begun_ = clock_.now();
  if (auto started = start_server(); !started) return started;
  thread_ = std::thread([this] { io_.run(); });
  return {};
}

Expected<void> Lab::prepare_folder() {
  std::error_code error;
  if (settings_.folder.empty()) {
    settings_.folder =
        (std::filesystem::temp_directory_path(error) / fmt::format("sidetone-lab-{}", random_.token(8)))
            .string();
    own_folder_ = true;
  }
  std::filesystem::create_directories(settings_.folder, error);
  if (error)
    return fail(Layer::lab, Fault::io,
                fmt::format("the folder '{}' cannot be made: {}", settings_.folder, error.message()),
                "name a folder that you may write to");
  return {};
}

Expected<void> Lab::start_server() {
  auto settings = settings_.server;
  settings.realm = "sidetone.lab";
  settings.users = settings_.users;
  settings.admit_unknown_dns = settings_.open;
  server_ = std::make_unique<Server>(std::move(settings), random_, log_, clock_.now());
  host_ = std::make_unique<engine::SipHost>(io_, server_->stack(), clock_, engine::SipHostSettings{}, log_);
  host_->set_hooks({.on_event = [this](sip::Event&& event, Time now) { server_->handle(event, now); },
                    .after_drain = [this](Time) { tell_clients(); },
                    .on_time = [this](Time now) { server_->on_time(now); },
                    .deadline = [this] { return server_->deadline(); }});
  auto bound = host_->bind_both(settings_.listen.ip, settings_.listen.port, settings_.listen.port);
  if (!bound) return tl::make_unexpected(bound.error());
  address_ = bound->local;
  if (settings_.tls_port)
    if (auto started = start_tls(); !started) return started;

  media_ = std::make_unique<MediaServer>(io_, settings_.folder, clock_, random_, log_);
  if (auto started = media_->start(settings_.listen.ip, address_); !started) return started;
  const Address media = media_->address();
  server_->add_route({std::string(media_prefix), sip::Transport::udp, media.ip.to_string(), media.port});
  return settings_.control ? start_control() : Expected<void>{};
}

Expected<void> Lab::start_control() {
  control_ = std::make_unique<ControlService>(
      io_, settings_.control_settings, [this](const tlib::Request& request) { ask(request); }, log_, clock_);
  const auto bound = control_->listen(*settings_.control);
  if (!bound) return tl::make_unexpected(bound.error());
  control_address_ = *bound;
  return {};
}

Expected<void> Lab::start_tls() {
  if (settings_.tls.certificate_file.empty()) {
    settings_.tls.certificate_file = settings_.folder + "/lab-certificate.pem";
    if (auto written = net::write_self_signed(settings_.tls.certificate_file,
                                              {{settings_.listen.ip.to_string(), "localhost"}});
        !written)
      return written;
  }
  const auto profile = host_->add_tls_profile(settings_.tls);
  if (!profile) return tl::make_unexpected(profile.error());
  const auto bound = host_->listen_tls({settings_.listen.ip, *settings_.tls_port}, *profile);
  if (!bound) return tl::make_unexpected(bound.error());
  tls_address_ = bound->local;
  return {};
}

void Lab::ask(const tlib::Request& request) {
  host_->post([this, request] { server_->request(request, clock_.now()); });
}

void Lab::tell_clients() {
  while (const auto event = server_->poll_tlib_event())
    if (control_) control_->tell(tlib::to_json(*event, begun_));
}

void Lab::customer_calls(const std::string& dn) { media_->call(dn); }

void Lab::stop() {
  if (!thread_.joinable()) return;
  host_->post([this] {
    server_->end_all_calls(clock_.now());
    media_->stop();
    if (control_) control_->stop();
    // The BYEs leave within this; whoever does not answer them is not waited for.
    auto grace = std::make_shared<boost::asio::steady_timer>(io_, std::chrono::milliseconds(300));
    grace->async_wait([this, grace](boost::system::error_code) {
      work_.reset();
      io_.stop();
    });
  });
  thread_.join();
}

}  // namespace sidetone::lab
