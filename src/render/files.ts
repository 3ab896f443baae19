import type { ClusterConfig } from '../config/cluster-config.ts';
import { checkScript } from './check-script.ts';
import { keepalivedConf } from './keepalived-conf.ts';
import { nginxConf } from './nginx-conf.ts';
import { type Plan, planOf } from './plan.ts';
import { tutorialCheckScript, tutorialKeepalivedConf, tutorialNginxConf } from './tutorial.ts';
import { webPage } from './web-page.ts';

/** One configuration file of one node: `path` is absolute on the node, `mode` its permissions there. */
export type RenderedFile = { node: string; path: string; mode: number; content: string };

/** `asInTutorial`: the original, foot-guns and all. `authPass`: the VRRP password, where one is wanted. */
export type RenderChoices = { asInTutorial: boolean; authPass?: string };

const NGINX = '/etc/nginx/nginx.conf';
const KEEPALIVED = '/etc/keepalived/keepalived.conf';
const SCRIPT = '/etc/keepalived/check_nginx.sh';

const corrected = (plan: Plan): RenderedFile[] => [
  ...plan.balancers.flatMap((self) => [
    { node: self.name, path: NGINX, mode: 0o644, content: nginxConf(plan, self) },
    { node: self.name, path: KEEPALIVED, mode: plan.authPass ? 0o600 : 0o644, content: keepalivedConf(plan, self) },
    { node: self.name, path: SCRIPT, mode: 0o755, content: checkScript(plan, self) },
  ]),
  ...plan.backends.map((web) => ({
    node: web.name,
    path: '/var/www/html/index.html',
    mode: 0o644,
    content: webPage(web),
  })),
];

const original = (plan: Plan, config: ClusterConfig): RenderedFile[] => [
  ...plan.balancers.flatMap((self) => [
    { node: self.name, path: NGINX, mode: 0o644, content: tutorialNginxConf(plan, config) },
    { node: self.name, path: KEEPALIVED, mode: 0o600, content: tutorialKeepalivedConf(plan, config, self) },
    // chmod 777 is the tutorial's own; it is one of the things to be shown.
    { node: self.name, path: SCRIPT, mode: 0o777, content: tutorialCheckScript },
  ]),
  ...plan.backends.map((web) => ({
    node: web.name,
    path: '/usr/share/httpd/noindex/index.html',
    mode: 0o644,
    content: `${web.page}\n`,
  })),
];

/** Every file of every node, load balancers first. Throws a RenderRefusal when the cluster file does not say enough. */
export const renderFiles = (config: ClusterConfig, { asInTutorial, authPass }: RenderChoices): RenderedFile[] => {
  const plan = planOf(config, asInTutorial ? undefined : authPass);
  return asInTutorial ? original(plan, config) : corrected(plan);
};
