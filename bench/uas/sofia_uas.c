/* The same user agent server on sofia-sip's nua.   bench_sofia_uas PORT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct application application;
#define NUA_MAGIC_T application
#define SU_ROOT_MAGIC_T application
#include <sofia-sip/nua.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_log.h>

struct application {
  su_root_t* root;
  nua_t* nua;
  unsigned long calls;
};

static const char description[] =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

static su_root_t* running;

static void on_event(nua_event_t event, int status, char const* phrase, nua_t* nua, application* app,
                     nua_handle_t* handle, nua_hmagic_t* handle_data, sip_t const* sip, tagi_t tags[]) {
  (void)status, (void)phrase, (void)nua, (void)handle_data, (void)sip, (void)tags;
  switch (event) {
    case nua_i_invite:
      if (sip->sip_request->rq_url->url_user && strcmp(sip->sip_request->rq_url->url_user, "busy") == 0) {
        nua_respond(handle, SIP_486_BUSY_HERE, TAG_END());
        break;
      }
      nua_respond(handle, SIP_200_OK, SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                  SIPTAG_PAYLOAD_STR(description), TAG_END());
      break;
    case nua_i_terminated:
      app->calls++;
      nua_handle_destroy(handle);
      break;
    case nua_r_shutdown:
      if (status >= 200) su_root_break(app->root);
      break;
    default: break;
  }
}

static void on_signal(int number) {
  (void)number;
  su_root_break(running);
}

int main(int argc, char** argv) {
  application app = {0};
  char url[64];
  if (argc != 2) return 2;
  snprintf(url, sizeof url, "sip:127.0.0.1:%s;transport=udp", argv[1]);
  su_init();
  su_log_set_level(su_log_default, 0);
  running = app.root = su_root_create(&app);
  su_root_threading(app.root, 0); /* one thread, as in the others: no hand-over between two */
  app.nua = nua_create(app.root, on_event, &app, NUTAG_URL(url), NUTAG_MEDIA_ENABLE(0), NUTAG_AUTOALERT(0),
                       NUTAG_AUTOANSWER(0), NUTAG_SESSION_TIMER(0), TAG_END());
  if (!app.nua) {
    fprintf(stderr, "%s cannot be bound\n", url);
    return 1;
  }
  signal(SIGTERM, on_signal);
  printf("ready\n");
  fflush(stdout);
  su_root_run(app.root);
  printf("calls %lu\n", app.calls);
  fflush(stdout);
  _Exit(0); /* the orderly shutdown takes seconds and is not what is measured */
}
