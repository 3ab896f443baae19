/** Blocks that keepalived 2.2.7 knows beside those the model reads; what stands in them is left alone. */
export const OTHER_BLOCKS = new Set([
  ...['vrrp_sync_group', 'static_ipaddress', 'static_routes', 'static_rules', 'vrrp_track_process', 'track_file'],
  ...[
    'vrrp_track_file',
    'virtual_server',
    'virtual_server_group',
    'garp_group',
    'bfd_instance',
    'interface_up_down_delays',
  ],
]);

/** Words at the top that are no blocks. */
export const OTHER_WORDS = new Set(['include', 'net_namespace', 'instance', 'use_pid_dir', 'linkbeat_use_polling']);

/** Words of `global_defs`, apart from those the model reads. */
export const GLOBAL_WORDS = new Set([
  ...['router_id', 'notification_email_from', 'smtp_server', 'smtp_connect_timeout', 'smtp_helo_name', 'smtp_alert'],
  ...['dynamic_interfaces', 'max_auto_priority', 'min_auto_priority_delay', 'vrrp_strict', 'vrrp_mcast_group4'],
  ...['vrrp_garp_master_delay', 'vrrp_garp_master_repeat', 'vrrp_garp_master_refresh_repeat', 'vrrp_priority'],
  ...['vrrp_garp_lower_prio_delay', 'vrrp_garp_lower_prio_repeat', 'vrrp_lower_prio_no_advert', 'vrrp_no_swap'],
  ...['vrrp_higher_prio_send_advert', 'vrrp_iptables', 'vrrp_ipsets', 'vrrp_check_unicast_src', 'vrrp_startup_delay'],
  ...[
    'vrrp_notify_fifo',
    'vrrp_notify_fifo_script',
    'vrrp_rt_priority',
    'process_names',
    'enable_dbus',
    'use_symlink_paths',
  ],
  ...['enable_snmp_vrrp', 'enable_traps', 'checker_priority', 'bfd_priority', 'vrrp_cpu_affinity', 'reload_time_file'],
]);

/** Blocks of `global_defs`. */
export const GLOBAL_BLOCKS = new Set(['notification_email']);

/** Words of a `vrrp_instance`, apart from those the model reads. */
export const INSTANCE_WORDS = new Set([
  ...['dont_track_primary', 'mcast_src_ip', 'unicast_src_ip', 'accept', 'no_accept', 'preempt', 'preempt_delay'],
  ...['debug', 'notify', 'notify_master', 'notify_backup', 'notify_fault', 'notify_stop', 'smtp_alert', 'use_vmac'],
  ...['lvs_sync_daemon_interface', 'garp_master_delay', 'garp_master_refresh', 'garp_master_repeat', 'garp_interval'],
  ...['garp_master_refresh_repeat', 'garp_lower_prio_delay', 'garp_lower_prio_repeat', 'lower_prio_no_advert'],
  ...['higher_prio_send_advert', 'vmac_xmit_base', 'native_ipv6', 'strict_mode', 'skip_check_adv_addr', 'version'],
  ...['linkbeat_use_polling', 'promote_secondaries', 'kernel_rx_buf_size', 'old_unicast_checksum', 'unicast_ttl'],
]);

/** Blocks of a `vrrp_instance`, apart from those the model reads. */
export const INSTANCE_BLOCKS = new Set([
  ...['track_interface', 'track_file', 'track_process', 'track_bfd', 'virtual_ipaddress_excluded', 'virtual_routes'],
  ...['virtual_rules', 'notify_deleted'],
]);
