"""What people read: every code of every contract in Chinese, in this one file.

A table per Literal, with the Literal's name in LABELS. The same code may mean different
things in different tables (`withdrawn` is a status and an outcome), so look up in the right one.
"""

from collections.abc import Mapping
from typing import Any

from shared.contracts.access_log import (
    ExportKind,
    SignInMeans,
    SignInRefusal,
    SignOutCause,
)
from shared.contracts.accounts import (
    DisableReason,
    ResetReason,
    RevokeReason,
    ScopeReason,
    TokenScope,
)
from shared.contracts.actor import Role
from shared.contracts.county import MatchingRule
from shared.contracts.deadlines import AlarmLevel, LimitKind, SupervisionLevel
from shared.contracts.dispatch import (
    CancelReason,
    EvidenceKind,
    ExcuseReason,
    HoldReason,
    OrganizationKind,
    Outcome,
    ResumeReason,
    ReturnReason,
    SupervisionCause,
)
from shared.contracts.grid import AreaKind
from shared.contracts.notices import NoticeKind
from shared.contracts.requests import (
    AttachmentKind,
    BeneficiaryCategory,
    DeclineReason,
    Part,
    RemovalReason,
    ReopenCause,
    ReopenReason,
    RevealPurpose,
    Satisfaction,
    Score,
    SendBackReason,
    UnmergeReason,
    Urgency,
    WithdrawReason,
)
from shared.contracts.working_time import LimitUnit
from shared.figures import By, FigureName
from shared.lifecycle import RequestStatus, WorkOrderStatus

REQUEST_STATUS: Mapping[RequestStatus, str] = {
    "placed": "待受理",
    "sent_back": "退回补充",
    "accepted": "已受理待派单",
    "dispatched": "已派单待接单",
    "taken_up": "办理中",
    "returned": "已退单待改派",
    "completed": "已办结待评价",
    "reopened": "重办待派单",
    "closed": "已归档",
    "declined": "不予受理",
    "withdrawn": "已撤单",
    "merged": "已并单",
}

WORK_ORDER_STATUS: Mapping[WorkOrderStatus, str] = {
    "dispatched": "待接单",
    "accepted": "已接单",
    "contacted": "已联系群众",
    "completed": "已办结",
    "returned": "已退单",
    "excused": "已免除配合",
    "cancelled": "已取消",
}

URGENCY: Mapping[Urgency, str] = {
    "critical": "特急",
    "urgent": "紧急",
    "normal": "一般",
    "complex": "复杂/联办",
    "consultation": "咨询",
}

BENEFICIARY_CATEGORY: Mapping[BeneficiaryCategory, str] = {
    "resident": "普通群众",
    "disabled_person": "残疾人",
    "left_behind_woman": "留守妇女",
    "worker_in_hardship": "困难职工",
    "child_in_difficulty": "困境儿童",
    "league_member": "共青团员",
}

SEND_BACK_REASON: Mapping[SendBackReason, str] = {
    "address_missing": "缺少地址",
    "contact_missing": "缺少联系方式",
    "matter_unclear": "事项描述不清",
    "proof_missing": "缺少证明材料",
}

DECLINE_REASON: Mapping[DeclineReason, str] = {
    "out_of_scope": "不属于群团服务范围",
    "duplicate": "重复点单",
    "already_solved": "问题已经解决",
    "in_litigation": "已进入诉讼程序",
}

WITHDRAW_REASON: Mapping[WithdrawReason, str] = {
    "solved_itself": "问题已自行解决",
    "no_longer_wanted": "群众不再需要",
    "placed_by_mistake": "误点单",
}

REVEAL_PURPOSE: Mapping[RevealPurpose, str] = {
    "contact_resident": "联系群众",
    "home_visit": "上门走访",
    "return_visit": "回访",
}

ATTACHMENT_KIND: Mapping[AttachmentKind, str] = {
    "photo": "照片",
    "document": "文件",
}

REMOVAL_REASON: Mapping[RemovalReason, str] = {
    "wrong_file": "传错了文件",
    "unclear": "看不清",
    "not_this_case": "不属于这件事项",
}

SCORE: Mapping[Score, str] = {
    1: "很不满意",
    2: "不满意",
    3: "基本满意",
    4: "满意",
    5: "很满意",
}

PART: Mapping[Part, str] = {"lead": "牵头单位", "supporting": "配合单位"}

ORGANIZATION_KIND: Mapping[OrganizationKind, str] = {
    "trade_union": "总工会",
    "youth_league": "团委",
    "womens_federation": "妇联",
    "science_association": "科协",
    "disabled_federation": "残联",
    "red_cross": "红十字会",
    "literary_federation": "文联",
    "overseas_chinese_federation": "侨联",
    "commerce_federation": "工商联",
    "family_planning_association": "计生协",
}

RETURN_REASON: Mapping[ReturnReason, str] = {
    "outside_charter": "不属于本单位职责",
    "outside_area": "不在本单位服务区域",
    "other_owner": "应由其他单位办理",
    "duplicate": "重复派单",
}

OUTCOME: Mapping[Outcome, str] = {
    "solved": "已解决",
    "explained": "已解释",
    "referred": "已转办",
    "impossible": "客观上无法办理",
    "withdrawn": "群众撤回",
}

EXCUSE_REASON: Mapping[ExcuseReason, str] = {
    "not_needed": "不再需要配合",
    "done_by_others": "其他单位已完成",
    "cannot_take_part": "确实无法参与",
}

HOLD_REASON: Mapping[HoldReason, str] = {
    "waiting_for_material": "等待材料",
    "waiting_for_season": "受季节、天气限制",
    "resident_away": "群众外出暂不在家",
    "in_procedure": "须待其他法定程序",
}

RESUME_REASON: Mapping[ResumeReason, str] = {
    "ready": "条件已具备",
    "review_due": "复核日期已到",
}

SUPERVISION_LEVEL: Mapping[SupervisionLevel, str] = {
    "organization_head": "单位负责人",
    "center": "县中心",
    "committee_secretary": "大党委书记",
}

SUPERVISION_CAUSE: Mapping[SupervisionCause, str] = {
    "person": "人工督办",
    "ladder": "超期自动督办",
}

EVIDENCE_KIND: Mapping[EvidenceKind, str] = {
    "photo": "照片",
    "note": "文字说明",
    "document": "文件",
}

LIMIT_KIND: Mapping[LimitKind, str] = {
    "accept": "接单",
    "contact": "首次联系",
    "complete": "办结",
    "report": "阶段报告",
    "answer": "督办回复",
}

ALARM_LEVEL: Mapping[AlarmLevel, str] = {
    "yellow": "黄色提醒",
    "orange": "橙色预警",
    "red": "红色超期",
}

LIMIT_UNIT: Mapping[LimitUnit, str] = {
    "natural_minute": "分钟",
    "natural_hour": "小时",
    "working_minute": "工作分钟",
    "working_hour": "工作小时",
    "working_day": "个工作日",
}

SATISFACTION: Mapping[Satisfaction, str] = {
    "very_satisfied": "非常满意",
    "satisfied": "满意",
    "fairly_satisfied": "基本满意",
    "dissatisfied": "不满意",
    "angry": "非常不满意",
}

REOPEN_REASON: Mapping[ReopenReason, str] = {
    "not_solved": "问题没有解决",
    "came_back": "问题再次出现",
    "poor_service": "服务态度或质量不好",
}

REOPEN_CAUSE: Mapping[ReopenCause, str] = {
    "poor_rating": "评价不佳",
    "asker": "点单人申请重办",
    "return_visit": "回访反映未解决",
}

UNMERGE_REASON: Mapping[UnmergeReason, str] = {
    "different_matter": "不是同一事项",
    "main_ended": "主办事项未能继续",
}

CANCEL_REASON: Mapping[CancelReason, str] = {"request_withdrawn": "群众已撤单"}

AREA_KIND: Mapping[AreaKind, str] = {
    "county": "县",
    "center": "县群团综合服务中心",
    "station": "城市党群服务站",
    "township_center": "乡镇群团综合服务中心",
    "village": "村(社区)",
    "grid": "网格",
}

ROLE: Mapping[Role, str] = {
    "grid_worker": "网格员",
    "desk_clerk": "受理员",
    "organization_dispatcher": "群团管理员",
    "service_staff": "服务人员",
    "center_dispatcher": "县中心调度员",
    "leader": "大党委领导",
    "return_visit_caller": "回访员",
    "auditor": "审计员",
    "administrator": "系统管理员",
    "security_administrator": "安全管理员",
    "resident": "群众",
    "system": "系统",
}

NOTICE_KIND: Mapping[NoticeKind, str] = {
    "new_request": "待受理",
    "resubmitted": "已补充",
    "left_to_center": "待人工派单",
    "new_order": "新工单",
    "assigned": "指派给您",
    "alarm": "时限提醒",
    "expedited": "催办",
    "help_asked": "请求配合",
    "returned": "退单待裁定",
    "ruled": "退单已裁定",
    "extension_asked": "延期待审批",
    "extension_granted": "延期已批准",
    "extension_refused": "延期未批准",
    "hold_asked": "挂起待审批",
    "hold_granted": "挂起已批准",
    "hold_refused": "挂起未批准",
    "resumed": "恢复办理",
    "supervised": "督办",
    "supervision_answered": "督办已回复",
    "cancelled": "工单取消",
    "sent_back": "退回补充",
    "declined": "不予受理",
    "merged": "已并单",
    "main_completed": "并单事项已办结",
    "please_rate": "请评价",
    "reopened": "已重办",
    "visit_assigned": "待回访",
}

STATUS_FOR_RESIDENTS: Mapping[RequestStatus, str] = {
    "placed": "已经收到，正在等待受理",
    "sent_back": "还缺一些材料，网格员会联系您补充",
    "accepted": "已经受理，正在安排承办单位",
    "dispatched": "已经安排承办单位，等待接单",
    "taken_up": "承办单位正在办理",
    "returned": "正在更换承办单位",
    "completed": "已经办好，请您评价",
    "reopened": "正在重新办理",
    "closed": "已经办结归档",
    "declined": "没有受理，网格员会向您说明原因",
    "withdrawn": "已经撤销",
    "merged": "与另一件相同的事项合并办理",
}
"""Where a request is, in the words of the tracking page."""

DISABLE_REASON: Mapping[DisableReason, str] = {
    "left_post": "已离岗",
    "lost_credentials": "账号凭据遗失",
    "misuse": "违规使用",
}

SCOPE_REASON: Mapping[ScopeReason, str] = {
    "set_up": "按县级文件设置",
    "new_post": "新设岗位",
    "duties_changed": "职责调整",
    "correction": "更正错误",
}

RESET_REASON: Mapping[ResetReason, str] = {
    "new_account": "新账号首次发放",
    "forgotten": "忘记密码",
    "phone_lost": "动态码手机丢失或更换",
    "suspicion": "怀疑密码泄露",
}

REVOKE_REASON: Mapping[RevokeReason, str] = {
    "not_needed": "不再使用",
    "leaked": "怀疑泄露",
    "replaced": "已换新令牌",
}

TOKEN_SCOPE: Mapping[TokenScope, str] = {
    "read_figures": "读取指标和看板",
    "read_register": "读取台账",
    "place_requests": "点单",
    "read_events": "接收事件流",
}

SIGN_IN_MEANS: Mapping[SignInMeans, str] = {
    "password": "密码",
    "code": "动态码",
    "recovery_code": "恢复码",
    "single_sign_on": "统一身份认证",
}

SIGN_IN_REFUSAL: Mapping[SignInRefusal, str] = {
    "unknown_name": "没有这个账号",
    "wrong_password": "密码不正确",
    "wrong_code": "动态码不正确",
    "used_code": "动态码已用过",
    "expired_password": "一次性密码已过期",
    "account_disabled": "账号已停用",
    "single_sign_on_failed": "统一身份认证没有通过",
    "no_account_for_identity": "统一身份没有对应的账号",
}

SIGN_OUT_CAUSE: Mapping[SignOutCause, str] = {
    "asked": "本人退出",
    "everywhere": "退出所有设备",
    "one_session": "结束一处登录",
}

EXPORT_KIND: Mapping[ExportKind, str] = {
    "register": "台账",
    "figures": "指标",
    "assessment": "评价",
}

MATCHING_RULE: Mapping[MatchingRule, str] = {
    "offers_the_service": "服务菜单中有这项服务",
    "covers_the_area": "服务区域覆盖该网格",
    "serves_the_category": "面向这类服务对象",
    "has_not_returned_it": "没有退过这件工单",
    "best_past_outcome": "同类服务解决率更高",
    "least_busy": "在办工单最少",
    "first_by_id": "条件相同时按单位编号排序",
}

CHOSEN_BY: Mapping[str, str] = {
    **{str(rule): name for rule, name in MATCHING_RULE.items()},
    "same_organization": "重办由原单位负责",
    "person": "人工指定",
    "ruling": "县中心裁定",
    "lead_asked": "牵头单位请求配合",
}
"""Why an organisation was chosen or passed over: `chosen_by` and `Considered.rule`."""

EVENT: Mapping[str, str] = {
    "RequestPlaced": "已点单",
    "RequestAccepted": "已受理",
    "RequestSentBack": "已退回补充",
    "RequestResubmitted": "已补充并重新提交",
    "RequestDeclined": "不予受理",
    "RequestWithdrawn": "已撤单",
    "RequestExpedited": "已催办",
    "RequestDispatched": "事项已派单",
    "RequestTakenUp": "事项已有单位接办",
    "RequestAssigned": "事项已有专人负责",
    "RequestReturned": "事项被退单",
    "RequestCompleted": "事项已办结",
    "ServiceRated": "已评单",
    "RequestReopened": "已重办",
    "RequestClosed": "已归档",
    "ContactRevealed": "已查看联系方式",
    "AttachmentAdded": "已上传附件",
    "AttachmentRemoved": "附件已删除",
    "RequestPartExcused": "事项有配合单位被免除",
    "RequestLeadChanged": "事项已变更牵头单位",
    "RequestMerged": "已并单",
    "RequestUnmerged": "已撤销并单",
    "RequestJoined": "有同一事项并入",
    "RequestLeft": "并入的事项已分出",
    "MainRequestCompleted": "并入的事项已办结",
    "ReturnVisitAssigned": "已安排回访",
    "ReturnVisitRecorded": "已回访",
    "RulesAdopted": "县级规则已启用",
    "OrganizationRegistered": "群团组织已登记",
    "OrganizationRenamed": "群团组织已改名",
    "ServiceMenuSet": "服务菜单已更新",
    "WorkOrderDispatched": "已派单",
    "DispatchLeftToCenter": "没有匹配单位，转人工派单",
    "WorkOrderAccepted": "已接单",
    "WorkOrderReturned": "已退单",
    "StaffAssigned": "已指派人员",
    "FirstContactRecorded": "已首次联系群众",
    "ServiceDelivered": "已派送服务",
    "WorkOrderCompleted": "工单已办结",
    "WorkOrderCancelled": "工单已取消",
    "DispatchStopped": "已停止派单",
    "HelpAsked": "已请求配合",
    "ReturnRuled": "退单已裁定",
    "LeadChanged": "已变更牵头单位",
    "WorkOrderExcused": "已免除配合",
    "DeliveryFinished": "全部工单已办结",
    "ExtensionAsked": "已申请延期",
    "ExtensionGranted": "已批准延期",
    "ExtensionRefused": "未批准延期",
    "HoldAsked": "已申请挂起",
    "HoldGranted": "已挂起",
    "HoldRefused": "未批准挂起",
    "WorkResumed": "已恢复办理",
    "SupervisionOrdered": "已督办",
    "SupervisionAnswered": "已回复督办",
    "AlarmRaised": "时限提醒",
    "DeadlinesRecomputed": "时限已按新日历重算",
    "AreaRegistered": "区域已登记",
    "AreaRemoved": "区域已移除",
    "AreaRenamed": "区域已改名",
    "GridWorkerAssigned": "网格员已上岗",
    "GridWorkerRelieved": "网格员已离岗",
    "AccountOpened": "账号已开通",
    "ScopeChanged": "账号权限已调整",
    "AccountDisabled": "账号已停用",
    "SignInReset": "登录凭据已重置",
    "TokenIssued": "接口令牌已签发",
    "TokenRevoked": "接口令牌已撤销",
    "NoticesRead": "通知已读",
}

ACCESS_EVENT: Mapping[str, str] = {
    "SignedIn": "登录",
    "SignInRefused": "登录被拒绝",
    "SignedOut": "退出登录",
    "PasswordChanged": "修改密码",
    "PasswordChangeRefused": "修改密码被拒绝",
    "SecondFactorBound": "绑定动态码",
    "RecoveryCodesRenewed": "重新生成恢复码",
    "TokenUsed": "使用接口令牌",
    "TableExported": "导出表格",
}
"""What the access log says (shared.contracts.access_log)."""

COMMAND: Mapping[str, str] = {
    "PlaceRequest": "点单",
    "AcceptRequest": "受理",
    "SendBackRequest": "退回补充",
    "ResubmitRequest": "重新提交",
    "DeclineRequest": "不予受理",
    "WithdrawRequest": "撤单",
    "ExpediteRequest": "催办",
    "RateService": "评单",
    "CloseRequest": "归档",
    "RevealContact": "查看联系方式",
    "AddAttachment": "上传附件",
    "RemoveAttachment": "删除附件",
    "RecordDispatch": "记录派单",
    "RecordAcceptance": "记录接单",
    "RecordAssignment": "记录指派",
    "RecordReturn": "记录退单",
    "RecordExcuse": "记录免除配合",
    "RecordLeadChange": "记录变更牵头",
    "MergeRequest": "并单",
    "UnmergeRequest": "撤销并单",
    "RecordJoining": "记录并入",
    "RecordLeaving": "记录分出",
    "RecordMainCompletion": "记录并入的事项办结",
    "ReopenRequest": "重办",
    "AssignReturnVisit": "安排回访",
    "RecordReturnVisit": "登记回访",
    "AdoptRules": "启用县级规则",
    "AskForHelp": "请求配合",
    "RuleOnReturn": "改派裁定",
    "ChangeLead": "变更牵头",
    "ExcuseWorkOrder": "免除配合",
    "AskExtension": "申请延期",
    "GrantExtension": "批准延期",
    "RefuseExtension": "不予延期",
    "AskHold": "申请挂起",
    "GrantHold": "批准挂起",
    "RefuseHold": "不予挂起",
    "ResumeWork": "恢复办理",
    "OrderSupervision": "督办",
    "AnswerSupervision": "回复督办",
    "RaiseAlarm": "时限提醒",
    "RecomputeDeadlines": "重算时限",
    "CompleteRequest": "记录办结",
    "RegisterOrganization": "登记群团组织",
    "RenameOrganization": "群团组织改名",
    "SetServiceMenu": "设置服务菜单",
    "DispatchWorkOrder": "派单",
    "LeaveToCenter": "转人工派单",
    "AcceptWorkOrder": "接单",
    "ReturnWorkOrder": "退单",
    "AssignStaff": "指派人员",
    "RecordFirstContact": "登记首次联系",
    "RecordProgress": "登记办理进展",
    "CompleteWorkOrder": "办结",
    "CancelWorkOrders": "取消工单",
    "RegisterArea": "登记区域",
    "RemoveArea": "移除区域",
    "RenameArea": "区域改名",
    "AssignGridWorker": "安排网格员",
    "RelieveGridWorker": "解除网格员",
    "OpenAccount": "开通账号",
    "ChangeScope": "调整权限",
    "DisableAccount": "停用账号",
    "ResetSignIn": "重置登录",
    "IssueToken": "签发接口令牌",
    "RevokeToken": "撤销接口令牌",
    "MarkNoticesRead": "标记已读",
}

FIGURE: Mapping[FigureName, str] = {
    "completions": "办结件次",
    "response_rate": "响应率",
    "solution_rate": "解决率",
    "satisfaction_rate": "满意率",
    "score": "综合得分",
    "on_time_rate": "按时办结率",
    "timely_acceptance_rate": "及时接单率",
    "return_rate": "回退率",
    "redo_rate": "重办率",
    "joint_share": "联办占比",
    "median_hours": "办理时长中位数（小时）",
    "p90_hours": "办理时长九成线（小时）",
}

FIGURES_BY: Mapping[By, str] = {
    "organization": "群团组织",
    "desk": "受理点（站、乡镇中心）",
    "station": "城市党群服务站",
    "township": "乡镇中心",
    "village": "村（社区）",
    "grid": "网格",
    "service": "服务类别",
    "beneficiary": "服务对象",
    "urgency": "紧急程度",
    "day": "日",
    "month": "月",
    "quarter": "季度",
    "year": "年",
}

IMPORT_STATUS: Mapping[str, str] = {
    "preparing": "正在准备",
    "running": "正在导入",
    "done": "导入完成",
    "undoing": "正在撤销",
    "undone": "已撤销",
    "stopped": "已中断，没有导入",
}
"""Where an import is (shared.adapters.mongo_imports.Status)."""

IMPORT_OUTCOME: Mapping[str, str] = {
    "waiting": "等待导入",
    "placed": "已导入",
    "unchanged": "以前已有",
    "refused": "没有导入",
    "withdrawn": "已撤回",
    "kept": "不能撤回",
}
"""What became of one row of an import (shared.adapters.mongo_imports.Outcome)."""

IMPORT_VERDICT: Mapping[str, str] = {
    "ok": "可以导入",
    "error": "需要修改",
    "duplicate": "重复",
    "unchanged": "已经登记",
}
"""What a preview says about one row (services.gateway.importing.plan.Verdict)."""

LABELS: Mapping[str, Mapping[Any, str]] = {  # Any: the keys are each Literal's own codes
    "RequestStatus": REQUEST_STATUS,
    "WorkOrderStatus": WORK_ORDER_STATUS,
    "Urgency": URGENCY,
    "BeneficiaryCategory": BENEFICIARY_CATEGORY,
    "SendBackReason": SEND_BACK_REASON,
    "DeclineReason": DECLINE_REASON,
    "WithdrawReason": WITHDRAW_REASON,
    "RevealPurpose": REVEAL_PURPOSE,
    "AttachmentKind": ATTACHMENT_KIND,
    "RemovalReason": REMOVAL_REASON,
    "Score": SCORE,
    "Part": PART,
    "OrganizationKind": ORGANIZATION_KIND,
    "ReturnReason": RETURN_REASON,
    "Outcome": OUTCOME,
    "CancelReason": CANCEL_REASON,
    "ExcuseReason": EXCUSE_REASON,
    "HoldReason": HOLD_REASON,
    "ResumeReason": RESUME_REASON,
    "SupervisionLevel": SUPERVISION_LEVEL,
    "SupervisionCause": SUPERVISION_CAUSE,
    "EvidenceKind": EVIDENCE_KIND,
    "LimitKind": LIMIT_KIND,
    "AlarmLevel": ALARM_LEVEL,
    "LimitUnit": LIMIT_UNIT,
    "Satisfaction": SATISFACTION,
    "ReopenReason": REOPEN_REASON,
    "ReopenCause": REOPEN_CAUSE,
    "UnmergeReason": UNMERGE_REASON,
    "MatchingRule": MATCHING_RULE,
    "AreaKind": AREA_KIND,
    "Role": ROLE,
    "NoticeKind": NOTICE_KIND,
    "DisableReason": DISABLE_REASON,
    "ScopeReason": SCOPE_REASON,
    "ResetReason": RESET_REASON,
    "RevokeReason": REVOKE_REASON,
    "TokenScope": TOKEN_SCOPE,
    "SignInMeans": SIGN_IN_MEANS,
    "SignInRefusal": SIGN_IN_REFUSAL,
    "SignOutCause": SIGN_OUT_CAUSE,
    "ExportKind": EXPORT_KIND,
}
"""Every Literal of the contracts, by its name; a test holds that no code is missing."""
