"""Invented residents and their wishes, so that a demo day looks like one. Nobody real is meant."""

import random
from typing import Any

from faker import Faker

WISHES: dict[str, tuple[tuple[str, str], ...]] = {
    "home-rehabilitation": (
        ("disabled_person", "老人中风后左侧肢体活动不便，希望康复师上门指导训练。"),
        ("disabled_person", "术后在家休养，出门困难，需要上门康复评估。"),
    ),
    "assistive-device": (("disabled_person", "轮椅的刹车坏了，想申请更换一台合适的轮椅。"),),
    "barrier-free": (("disabled_person", "家门口有三级台阶，轮椅进出不便，希望改成坡道。"),),
    "child-companion": (
        ("child_in_difficulty", "父母长期在外务工，孩子由奶奶照看，放学后缺少作业辅导和陪伴。"),
    ),
    "left-behind-care": (("left_behind_woman", "丈夫在外打工，一人照顾两个孩子，希望有人聊聊。"),),
    "family-mediation": (("resident", "婆媳为赡养老人的事有矛盾，希望妇联帮忙调解。"),),
    "hardship-relief": (
        ("worker_in_hardship", "因病住院花费较大，家庭一时困难，想申请帮扶。"),
        ("resident", "房屋漏雨，经济困难，希望得到应急救助。"),
    ),
    "labor-rights": (("worker_in_hardship", "工地拖欠两个月工资，想咨询怎样维权。"),),
    "skill-training": (("resident", "想学电工技能，请问近期有没有免费培训。"),),
    "volunteer-help": (("resident", "独居老人需要人帮忙打扫卫生、换灯泡。"),),
    "youth-employment": (("league_member", "大学毕业返乡，希望介绍本地的工作机会。"),),
    "farm-technology": (("resident", "梨树叶子发黄有斑点，请农技专家来看看。"),),
    "science-talk": (("resident", "村里想办一场预防电信诈骗的科普讲座。"),),
    "first-aid-training": (("resident", "村小学想给老师做一次急救培训。"),),
    "culture-visit": (("resident", "重阳节想请文艺队来村里演出。"),),
    "overseas-family": (("resident", "侨眷办理亲属回国手续，想咨询流程。"),),
    "job-matching": (("resident", "合作社采摘季缺人手，希望帮忙联系用工。"),),
    "family-health": (("resident", "家里老人患慢性病，想了解家庭健康指导服务。"),),
}
"""Service code → who asks, and what they say."""


class Residents:
    """An endless, repeatable supply of residents with a wish."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._fake = Faker("zh_CN")
        self._fake.seed_instance(seed)

    def next_wish(self, village: str) -> dict[str, Any]:
        """The body of a request, without its grid."""
        service = self._random.choice(sorted(WISHES))
        category, text = self._random.choice(WISHES[service])
        house = f"{self._random.randint(1, 9)}组{self._random.randint(1, 80)}号"
        urgency = self._random.choices(("normal", "urgent", "critical"), (80, 17, 3))[0]
        return {
            "service_code": service,
            "beneficiary_category": category,
            "urgency": urgency,
            "particulars": {
                "name": self._fake.name(),
                "phone": self._fake.phone_number(),
                "address": f"{village}{house}",
                "text": text,
            },
        }
